import { coalmine } from './coalmine.js';
import { startPod } from './pod.js';
import { startPrometheus } from './prometheus.js';
import { startUsers } from './users.js';

/** The releases: the bug of each, and the verdict that is correct. */
const RELEASES = /** @type {const} */ ([
  { release: 'good', bug: undefined, verdict: 'promote' },
  { release: 'bad', bug: 'errors', verdict: 'rollback' },
]);

/**
 * Releases a good version and a bad version, each beside a stable pod and with a Prometheus of its own. `coalmine analyze`
 * judges both while they run. Prints each verdict, and returns whether all verdicts are correct.
 *
 * @param {object} example
 * @param {Record<string, string>} example.stable labels that the stable pod has in Kubernetes
 * @param {Record<string, string>} example.canary labels of the canary
 * @param {Record<string, readonly string[]>} example.analyses arguments of `coalmine analyze`, by a name to print
 */
export async function check({ stable, canary, analyses }) {
  const judged = await Promise.all(
    RELEASES.map(({ release, bug, verdict }) =>
      beside(stable, canary, bug, (address) =>
        Promise.all(
          Object.entries(analyses).map(async ([what, args]) => {
            const { out } = await coalmine(['analyze', ...args, '-p', address, '--watch'], { quiet: true });
            const [said = ''] = out.split('\n', 1);
            process.stdout.write(`${release}, ${what}: ${said}\n`);
            return said.startsWith(`${verdict}: `);
          }),
        ),
      ),
    ),
  );
  return judged.flat().every((isRight) => isRight);
}

/**
 * Calls `run` while a canary serves beside a stable pod.
 *
 * @template T
 * @param {Record<string, string>} stable
 * @param {Record<string, string>} canary
 * @param {string | undefined} bug
 * @param {(prometheus: string) => Promise<T>} run
 */
async function beside(stable, canary, bug, run) {
  /** @type {(() => unknown)[]} */
  const closing = [];
  try {
    const prometheus = await startPrometheus();
    closing.push(prometheus.close);
    const pods = [];
    for (const [version, labels, wrong] of /** @type {const} */ ([
      ['v1', stable, undefined],
      ['v2', canary, bug],
    ])) {
      const pod = await startPod(version, wrong);
      closing.push(pod.close);
      pods.push({ ...pod, labels });
    }
    await prometheus.scrape(pods);
    for (const pod of pods) {
      await pod.ready();
      closing.push(startUsers(pod.port).stop);
    }
    return await run(prometheus.address);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
