import { get } from 'node:http';

/**
 * Probes the health of a service again and again, on a new connection each time, as a kubelet does.
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
     * Returns the longest delay of a probe in this time, in seconds. A probe takes no work, so the requests beside it waited as
     * long as the probe did, and the service cannot know of all of that wait.
     */
    longestDelay(from, to) {
      const beside = probes.filter((each) => each.to > from - period && each.from < to);
      return Math.max(0, ...beside.map((each) => each.to - each.from)) / 1000;
    },
    /** Returns the status of each probe, when all have their responses. */
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
      // The probe was sent and got no response, so the numbers will not be equal. If the service has ended, the demo ends too.
      request.on('error', () => resolve(0));
    });
  }
}
