import { OBJECTIVE } from '../queries/agreement.js';
import { indent } from '../queries/evidence.js';
import { questionsOf } from '../queries/queries.js';
import type { Question } from '../queries/question.js';
import { seconds } from '../queries/series.js';
import type { Release } from '../release/release.js';
import type { Recorder } from '../release/release-options.js';
import { targetOf } from '../release/workload.js';
import { flaggerSides } from './flagger-sides.js';
import { podNames } from './pod-name.js';
import type { Role } from './roles.js';

/** Returns the group of rules that records the result of each question of a release, once every scrape. */
export function verdictRules(release: Release, recorder: Recorder): object {
  const { name, namespace, labels, analysis } = release;
  const recorded =
    recorder === 'argo' ? byRole(release) : questionsOf(release, flaggerSides(release, namespace, targetOf(release)));
  return {
    name: `${name}-verdict`,
    interval: seconds(analysis.scrapeSeconds),
    rules: recorded.map((question) => ({
      record: nameRecord(question),
      expr: question.query,
      labels: { [labels.namespace]: namespace, [RELEASE]: name },
    })),
  };
}

/** The hashes of both sides, as the templates of Argo Rollouts get them. */
export type Hashes = Readonly<Record<Role, string>>;

/**
 * Returns a question that reads the recorded series. It is empty if the rules recorded nothing, nothing recently, or a
 * result of other hashes. If the evaluation of a rule fails, Prometheus returns the last sample for five minutes.
 */
export function askByName(
  { name, labels, analysis }: Release,
  namespace: string,
  question: Question,
  hashes?: Hashes,
): Question {
  const matchers = [
    `${labels.namespace}="${namespace}"`,
    `${RELEASE}="${name}"`,
    // A stable without Coalmine has no pod with a hash.
    ...(hashes === undefined ? [] : [`canary="${hashes.canary}"`, `stable=~"${hashes.stable}|"`]),
  ];
  const recorded = `${nameRecord(question)}{${matchers.join(',')}}`;
  const query = `${recorded}\nand time() - timestamp(${recorded}) <= ${3 * analysis.scrapeSeconds}`;
  return { ...question, query };
}

const RELEASE = 'release';

function nameRecord({ name }: Question): string {
  return `coalmine:${name.replaceAll('-', '_')}:verdict`;
}

/**
 * Returns the questions about the pods with the roles canary and stable. The results have the hashes of both as labels.
 * There is no result while no pod is the canary, or while pods of two hashes have the same role. Pods that have lost
 * their role belong to an earlier release; if there are no others besides the canary, nobody knows which of them are
 * stable.
 */
function byRole(release: Release): readonly Question[] {
  const { name, namespace, labels } = release;
  const pods = `${labels.namespace}="${namespace}",${labels.pod}=~"${podNames(name)}"`;
  const side = (role: Role | ''): string => `${pods},${labels.role}="${role}"`;
  const hashOf = (role: Role): string =>
    `label_replace(group by (${labels.hash}) (${OBJECTIVE}{${side(role)}}), "${role}", "$1", "${labels.hash}", "(.+)")`;
  const hashes = `group by (canary, stable) (
  ${hashOf('canary')}
  * on () group_left (stable) (
    ${hashOf('stable')}
    or on () label_replace(group(${OBJECTIVE}{${side('')}}), "stable", "unknown", "", "")
    or on () vector(1)
  )
)`;
  const ambiguous = `count by (${labels.role}) (
  group by (${labels.role}, ${labels.hash}) (${OBJECTIVE}{${pods},${labels.role}!=""})
) > 1`;
  return questionsOf(release, { canary: side('canary'), stable: side('stable') }).map((question) => ({
    ...question,
    query: `(\n${indent(question.query)}\n)
* on () group_right () ${hashes}
unless on () ${ambiguous}`,
  }));
}
