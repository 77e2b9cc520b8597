import { Agent, get } from 'node:http';

const PER_SECOND = 60;

/**
 * Users who ask for items, whatever stands behind the port. Answers how many were answered how, by version.
 *
 * @param {number} port
 */
export function startUsers(port) {
  const agent = new Agent({ keepAlive: true });
  const seen = { answered: 0, failed: 0 };
  const timer = setInterval(() => ask(`/items/${Math.floor(1000 * Math.random())}`), 1000 / PER_SECOND);
  return {
    seen,
    stop() {
      clearInterval(timer);
      agent.destroy();
    },
  };

  function ask(path) {
    const request = get({ agent, host: '127.0.0.1', port, path }, (response) => {
      response.resume();
      if (response.statusCode === 200) seen.answered += 1;
      else seen.failed += 1;
    });
    request.on('error', (/** @type {NodeJS.ErrnoException} */ { code }) => {
      // An idle connection was closed just when it was used again: a browser asks once more, on another one.
      if (request.reusedSocket && code === 'ECONNRESET') ask(path);
      else seen.failed += 1;
    });
  }
}
