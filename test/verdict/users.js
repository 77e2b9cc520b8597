import { Agent, request } from 'node:http';

/**
 * @typedef {object} Visit
 * @property {string} path
 * @property {string} [method]
 * @property {Record<string, string>} [headers]
 * @property {number} [leaveAfter] Milliseconds after which the client gives up.
 */

// The patience of a browser or a gateway on the scale of the suite: ten times the objective.
const GIVE_UP_AFTER = 1000;

/**
 * Sends requests to a port at a rate that does not depend on the responses: a slow server does not slow its users.
 *
 * @param {object} options
 * @param {() => number | undefined} options.port returns the port of the server, or nothing while it should get no requests
 * @param {number} options.perSecond
 * @param {() => number} options.random
 * @param {() => Visit} options.visit
 */
export function startUsers({ port, perSecond, random, visit }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  let isOver = perSecond <= 0;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  schedule();

  return {
    stop() {
      isOver = true;
      clearTimeout(timer);
      agent.destroy();
    },
  };

  function schedule() {
    if (isOver) return;
    const wait = (-Math.log(1 - random()) / perSecond) * 1000;
    timer = setTimeout(() => {
      const to = port();
      if (to !== undefined) send(agent, to, visit());
      schedule();
    }, wait);
  }
}

/**
 * @param {Agent} agent
 * @param {number} port
 * @param {Visit} visit
 */
function send(agent, port, { path, method = 'GET', headers = {}, leaveAfter = GIVE_UP_AFTER }) {
  const sent = request({ agent, host: '127.0.0.1', port, path, method, headers });
  const leave = setTimeout(() => sent.destroy(), leaveAfter);
  sent.on('response', (response) => {
    response.on('error', () => {});
    response.on('close', () => clearTimeout(leave));
    response.resume();
  });
  // The connection was refused or broke: the user saw an error, and the server may not know of it.
  sent.on('error', () => clearTimeout(leave));
  sent.end();
}
