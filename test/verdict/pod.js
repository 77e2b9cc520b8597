// A pod: one service of one side of a scenario, in a thread of its own. Says its ports once it listens.
import { parentPort, workerData } from 'node:worker_threads';
import { chance } from './chance.js';
import { SCENARIOS } from './scenarios.js';
import { startService } from './service.js';

// It is told so when its process is to die.
parentPort?.once('message', () => process.exit());

const { scenario: name, role, framework, seed, port, metricsPort } = workerData;
const scenario = SCENARIOS.find((each) => each.name === name);
const began = Date.now();
const behave = scenario[role](chance(seed), () => (Date.now() - began) / 1000);
const coalmine = { ...scenario.coalmine, ...(role === 'canary' ? scenario.canaryCoalmine?.() : {}) };
const health = { ...coalmine.health, signals: [] };
parentPort?.postMessage(
  await startService({ framework, behave, coalmine: { ...coalmine, health }, port, metricsPort }),
);
