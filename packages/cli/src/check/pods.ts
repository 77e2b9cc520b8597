import { podNamesWithPrimary } from '../manifests/pod-name.js';
import { podsOf } from '../manifests/rules.js';
import { OBJECTIVE } from '../queries/agreement.js';
import { seconds } from '../queries/series.js';
import { PUSHED_LABELS } from '../release/push.js';
import type { Release } from '../release/release.js';
import { workloadsOf } from '../release/workload.js';
import { type Checked, missing, there } from './checked.js';

/** Labels of one element of a result. */
export type Labels = Readonly<Record<string, string>>;

/** One element of a result: its labels and its number. */
export interface Element {
  readonly labels: Labels;
  readonly value: number;
}

/** Queries Prometheus, now. */
export type Ask = (promql: string) => Promise<readonly Element[]>;

const QUESTION = 'pods';
const SCRAPE_IT = 'make Prometheus scrape the pods, as in the output of `coalmine manifests prometheus`';
const PUSH_IT = 'make the pods push, and Prometheus accept it: see docs/push.md';

/** Checks that Prometheus has the pods of a release, with the labels that the queries use. */
export async function checkPods(release: Release, seen: readonly Element[], ask: Ask): Promise<Checked> {
  const { name, namespace, labels, analysis, metricsPath, push } = release;
  const bringThem = push ? PUSH_IT : SCRAPE_IT;
  const window = seconds(analysis.windowSeconds);
  const pods = podsOf(release);
  if (seen.length > 0) {
    const twice = isAnyTwice(release, seen) ? countedTwice(release, await ask(`${OBJECTIVE}{${pods}}`)) : undefined;
    if (twice !== undefined) return twice;
    const count = new Set(seen.map((element) => element.labels[labels.pod])).size;
    return there(QUESTION, `${count} of ${name} in ${namespace} ${count === 1 ? 'has' : 'have'} series of Coalmine`);
  }
  const lookback = seconds(analysis.lookbackSeconds);
  if ((await ask(`last_over_time(${OBJECTIVE}{${pods}}[${lookback}])`)).length > 0) {
    return missing(
      QUESTION,
      `the pods of ${name} in ${namespace} ${push ? 'sent nothing' : 'were not scraped'} within ${window}, only within ${lookback}`,
      push
        ? 'see the log of a pod: Prometheus refuses what the pod sends, or no pod runs'
        : 'see the targets of Prometheus: the scrape fails, or no pod runs',
    );
  }
  const targets = await ask(`last_over_time(up{${pods}}[${window}])`);
  if (targets.length > 0) {
    return targets.every(({ value }) => value === 0)
      ? missing(
          QUESTION,
          `the scrape of the pods of ${name} in ${namespace} fails`,
          `see the targets of Prometheus: is ${metricsPath} served at the port that is scraped?`,
        )
      : missing(
          QUESTION,
          `the pods of ${name} in ${namespace} are scraped, but have no series of Coalmine`,
          `put Coalmine into the app, or scrape the path and port where its metrics are (${metricsPath}?)`,
        );
  }
  const others = await ask(`last_over_time(${OBJECTIVE}[${window}])`);
  if (others.length === 0) return missing(QUESTION, 'no series of Coalmine of any service', bringThem);
  return (
    underOtherLabels(release, others) ??
    withoutLabel(release, others) ??
    missing(QUESTION, `no pods of ${name} in ${namespace}, but pods of other services`, bringThem)
  );
}

/** Returns whether two series of a process have been there, maybe one after another because a label has changed. */
function isAnyTwice(release: Release, seen: readonly Element[]): boolean {
  return new Set(seen.map((element) => processOf(release, element))).size < seen.length;
}

/** Returns the answer if a process has several series at the same time: two scrapes of it, or the replicas of a Prometheus. */
function countedTwice(release: Release, now: readonly Element[]): Checked | undefined {
  const seen = new Map<string, Labels>();
  for (const element of now) {
    const { labels } = element;
    const process = processOf(release, element);
    const other = seen.get(process);
    seen.set(process, labels);
    if (other === undefined) continue;
    const differing = Object.keys({ ...other, ...labels }).filter((label) => other[label] !== labels[label]);
    return missing(
      QUESTION,
      `${labels[release.labels.pod]} has two series that differ in ${differing.join(' and ')}, so each request counts twice`,
      'scrape the pods by one job only; if these are replicas of Prometheus, query them where their duplicates are removed, as `thanos query --query.replica-label` does',
    );
  }
  return undefined;
}

function processOf({ labels }: Release, { labels: { [labels.pod]: pod, instance } }: Element): string {
  return `${pod} ${instance}`;
}

/** Returns the answer if no series says from which pod it is. */
function withoutLabel({ labels, push }: Release, others: readonly Element[]): Checked | undefined {
  if (others.some((element) => element.labels[labels.pod] !== undefined)) return undefined;
  return missing(
    QUESTION,
    `there are series of Coalmine, but none has the label ${labels.pod}`,
    push
      ? 'set otlp.promote_resource_attributes in Prometheus, and the variables of the pods: see docs/push.md'
      : `make the scrape set it: ${SCRAPE_IT}`,
  );
}

/** Returns the answer for pods whose name is in another label. */
function underOtherLabels(release: Release, others: readonly Element[]): Checked | undefined {
  const { labels, namespace } = release;
  const isPod = new RegExp(`^(?:${workloadsOf(release).map(podNamesWithPrimary).join('|')})$`);
  const found = others.flatMap((element) => {
    const pod = labelWith(element.labels, labels.pod, (value) => isPod.test(value));
    return pod === undefined
      ? []
      : [{ element, pod, space: labelWith(element.labels, labels.namespace, (value) => value === namespace) }];
  });
  const [first] = found.sort((a, b) => Number(b.space !== undefined) - Number(a.space !== undefined));
  if (first === undefined) return undefined;
  const { element, pod, space } = first;
  const renamed = [
    ...(pod === labels.pod ? [] : [{ what: 'pod', from: labels.pod, to: pod }]),
    ...(space === undefined || space === labels.namespace
      ? []
      : [{ what: 'namespace', from: labels.namespace, to: space }]),
  ];
  if (renamed.length > 0) {
    const says = `their series have no label ${renamed.map(({ from }) => from).join(' and no ')} with the name, but they have ${renamed.map(({ to }) => to).join(' and ')}`;
    if (pod === PUSHED_LABELS.pod) return missing(QUESTION, says, 'give --push: these pods push');
    const flags = renamed.map(({ what, to }) => `--label ${what}=${to}`).join(' ');
    return missing(QUESTION, says, `give ${flags}, or make the scrape use the expected names`);
  }
  const other = element.labels[labels.namespace];
  return other === undefined
    ? missing(QUESTION, `their series have no label ${labels.namespace}`, `make the scrape set it: ${SCRAPE_IT}`)
    : missing(
        QUESTION,
        `they are in the namespace ${JSON.stringify(other)}`,
        `give --namespace, because they are not in ${namespace}`,
      );
}

/** Returns the label whose value is accepted: the expected label if possible. */
export function labelWith(labels: Labels, expected: string, isIt: (value: string) => boolean): string | undefined {
  const names = Object.keys(labels).filter((label) => isIt(labels[label] ?? ''));
  return names.includes(expected) ? expected : names[0];
}
