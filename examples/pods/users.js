import { Agent, get } from 'node:http';

const PER_SECOND = 60;

/**
 * Starts users who send requests for items to a port. `seen` counts the requests that got a 200 and those that failed.
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
      // The server closed an idle connection just when the client used it again: a browser repeats the request on another one.
      if (request.reusedSocket && code === 'ECONNRESET') ask(path);
      else seen.failed += 1;
    });
  }
}
