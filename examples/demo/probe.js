import { get } from 'node:http';

const PERIOD_MILLISECONDS = 100;

/**
 * Asks a service for its health over and over, on a new connection each time, as a kubelet does.
 *
 * @param {number} port
 */
export function probe(port) {
  const probes = [];
  let dueAt = performance.now() + PERIOD_MILLISECONDS;
  const timer = setInterval(() => {
    const from = dueAt;
    dueAt = performance.now() + PERIOD_MILLISECONDS;
    const request = get({ host: '127.0.0.1', port, path: '/healthz', agent: false }, (response) => {
      response.resume();
      probes.push({ from, to: performance.now() });
    });
    // A service that is gone ends the demo by itself.
    request.on('error', () => {});
  }, PERIOD_MILLISECONDS);

  return {
    /**
     * The longest that the machine held up a probe in this time, in seconds. A probe is no work, so whatever it waited
     * for was waited for by the requests beside it, and part of that no service can know of.
     */
    longestDelay(from, to) {
      const beside = probes.filter((each) => each.to > from - PERIOD_MILLISECONDS && each.from < to);
      return Math.max(0, ...beside.map((each) => each.to - each.from)) / 1000;
    },
    stop: () => clearInterval(timer),
  };
}
