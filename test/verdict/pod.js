// A pod: one service of one side of a scenario, in its own thread. Sends its ports when it listens.
import { parentPort, workerData } from 'node:worker_threads';
import { chance } from './chance.js';
import { SCENARIOS } from './scenarios.js';
import { ROUTES, startService } from './service.js';

// A message means that the process of the pod must die.
parentPort?.once('message', () => process.exit());

const { scenario: name, role, framework, seed, isAlone, port, metricsPort } = workerData;
const scenario = SCENARIOS.find((each) => each.name === name);
/** @type {number | undefined} */
let firstAt;
// The age counts from the first request, because a pod takes a while to become ready.
const behave = scenario[role](chance(seed), () => {
  firstAt ??= Date.now();
  return (Date.now() - firstAt) / 1000;
});
const ofBoth = [...ROUTES, ...(scenario.moreRoutes ?? [])];
const routes = (role === 'canary' && scenario.canaryRoutes?.(ofBoth)) || ofBoth;
const middlewares = [scenario.middleware, role === 'canary' ? scenario.canaryMiddleware : undefined].filter(
  (middleware) => middleware !== undefined,
);
const options = { framework, behave, middlewares, coalmine: optionsOf(), isAlone, routes, port, metricsPort };
parentPort?.postMessage(await startService(options));

function optionsOf() {
  if (role === 'stable' && scenario.isFirst) return false;
  const options = { ...scenario.coalmine, ...(role === 'canary' ? scenario.canaryCoalmine?.() : {}) };
  return { ...options, health: { ...options.health, signals: [] } };
}
