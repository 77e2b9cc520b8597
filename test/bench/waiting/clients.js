import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @typedef {object} Visit What one client got.
 * @property {number} seconds From the moment when the request was sent to the end of the response.
 * @property {'answered' | 'left' | 'failed'} outcome A client that left has closed its connection before the end of the response.
 */

/**
 * Creates the clients of a service.
 *
 * @param {object} options
 * @param {number} options.port
 * @param {boolean} options.isKept The clients keep their connections, and do not open a new one for each request.
 * @param {number} [options.patience] Milliseconds after which a client leaves.
 */
export function createClients({ port, isKept, patience }) {
  const agent = isKept && new Agent({ keepAlive: true, maxFreeSockets: Number.POSITIVE_INFINITY });
  return {
    /** Opens connections before they are needed. */
    async open(count) {
      await Promise.all(Array.from({ length: count }, () => send('/open')));
    },
    /** Returns how many connections are open and idle. */
    countIdle() {
      return Object.values(agent.freeSockets).flat().length;
    },
    /**
     * Sends each request when it is due, whether or not the earlier ones have a response.
     *
     * @param {{ at: number, path: string }[]} requests `at` is in milliseconds from now.
     * @returns {Promise<Visit[]>}
     */
    async visit(requests) {
      const startedAt = performance.now();
      const visits = [];
      for (const { at, path } of requests) {
        const early = startedAt + at - performance.now();
        if (early > 0) await delay(early);
        visits.push(send(path));
      }
      return Promise.all(visits);
    },
  };

  /** @returns {Promise<Visit>} */
  function send(path) {
    return new Promise((resolve) => {
      const sentAt = performance.now();
      const request = get({ host: '127.0.0.1', port, path, agent }, (response) => {
        const outcome = response.statusCode === 200 ? 'answered' : 'failed';
        response.resume();
        response.on('end', () => settle(outcome));
        response.on('error', fail);
      });
      request.on('error', fail);
      const leaving = patience === undefined ? undefined : setTimeout(leave, patience);

      function leave() {
        settle('left');
        request.destroy();
      }

      function fail() {
        settle('failed');
      }

      function settle(outcome) {
        clearTimeout(leaving);
        resolve({ seconds: (performance.now() - sentAt) / 1000, outcome });
      }
    });
  }
}
