import { LOADS } from './loads.js';

/** @type {import('./measure.js').Setup[]} */
export const SETUPS = LOADS.flatMap((load) =>
  ['fastify', 'express'].flatMap((framework) =>
    connectionsOf(load).map((connections) => ({ load, framework, connections })),
  ),
);

function connectionsOf({ isHealthy }) {
  return isHealthy ? ['kept', 'new'] : ['kept', 'new', 'leaving'];
}
