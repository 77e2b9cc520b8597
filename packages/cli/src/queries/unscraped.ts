import type { Release } from '../release/release.js';
import { guardQuery, OBJECTIVE } from './agreement.js';
import { inner } from './evidence.js';
import { PERSISTENCE } from './persistence.js';
import type { Question, Sides } from './question.js';
import { latest, seconds, spanOf } from './series.js';

/** Prometheus itself writes this series for each target that it scrapes; pods that push have none. */
export const UP = 'up';

/**
 * Returns the question whether Prometheus reaches all pods of the canary: nobody judges the requests of a pod that it does not
 * reach. Jobs that reach no pod with Coalmine do not count, such as the job of a sidecar.
 */
export function unscraped(release: Release, { canary }: Sides): Question {
  const { analysis, labels, names } = release;
  const { pod } = labels;
  const span = spanOf(analysis);
  const all = PERSISTENCE.spans * span;
  const up = `${UP}{${canary}}`;
  return {
    name: 'unscraped',
    kind: 'doubt',
    why: `Pods of the canary that Prometheus has not reached for ${seconds(all)}, although the same job reaches others: their requests are
in no query.`,
    query: guardQuery(
      release,
      canary,
      `count(
  max by (${pod}) (
    ${inner(inner(`max_over_time(${up}[${seconds(all)}])\nand on (job) ${OBJECTIVE}{${canary}}`))}
  ) == 0
  and on (${pod}) last_over_time(${up}[${seconds(span)}] offset ${seconds(all)})
  and on (${pod}) ${up}
)
or 0 * sum(${latest(analysis, names.requests, canary)})`,
    ),
    good: { most: 0 },
  };
}
