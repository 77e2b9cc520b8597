// A pod: one service of one side of a scenario, in a thread of its own. Says its ports once it listens.
import { parentPort, workerData } from 'node:worker_threads';
import { chance } from './chance.js';
import { SCENARIOS } from './scenarios.js';
import { ROUTES, startService } from './service.js';

// It is told so when its process is to die.
parentPort?.once('message', () => process.exit());

const { scenario: name, role, framework, seed, port, metricsPort } = workerData;
const scenario = SCENARIOS.find((each) => each.name === name);
/** @type {number | undefined} */
let firstAt;
// From the first request on: a pod takes its time to become ready.
const behave = scenario[role](chance(seed), () => {
  firstAt ??= Date.now();
  return (Date.now() - firstAt) / 1000;
});
const ofBoth = [...ROUTES, ...(scenario.moreRoutes ?? [])];
const routes = (role === 'canary' && scenario.canaryRoutes?.(ofBoth)) || ofBoth;
parentPort?.postMessage(await startService({ framework, behave, coalmine: optionsOf(), routes, port, metricsPort }));

function optionsOf() {
  if (role === 'stable' && scenario.isFirst) return false;
  const options = { ...scenario.coalmine, ...(role === 'canary' ? scenario.canaryCoalmine?.() : {}) };
  return { ...options, health: { ...options.health, signals: [] } };
}
