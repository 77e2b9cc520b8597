import { get } from 'node:http';

/**
 * Asks a service for its health over and over, on a new connection each time, as a kubelet does.
 *
 * @param {number} port
 * @param {number} period milliseconds
 */
export function probe(port, period) {
  const probes = [];
  const answers = [];
  let dueAt = performance.now() + period;
  const timer = setInterval(() => {
    const from = dueAt;
    dueAt = performance.now() + period;
    answers.push(ask(from));
  }, period);

  return {
    /**
     * The longest that the machine held up a probe in this time, in seconds. A probe is no work, so whatever it waited
     * for was waited for by the requests beside it, and part of that no service can know of.
     */
    longestDelay(from, to) {
      const beside = probes.filter((each) => each.to > from - period && each.from < to);
      return Math.max(0, ...beside.map((each) => each.to - each.from)) / 1000;
    },
    /** Answers the status of each probe, once all are answered. */
    stop() {
      clearInterval(timer);
      return Promise.all(answers);
    },
  };

  function ask(from) {
    return new Promise((resolve) => {
      const request = get({ host: '127.0.0.1', port, path: '/healthz', agent: false }, (response) => {
        probes.push({ from, to: performance.now() });
        response.resume().on('close', () => resolve(response.statusCode));
      });
      // Sent and not answered, so the numbers will not be equal; a service that is gone ends the demo by itself.
      request.on('error', () => resolve(0));
    });
  }
}
