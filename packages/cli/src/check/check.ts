import { parseNames } from '@coalmine/metrics';
import { AnalysisError } from '../analysis-error.js';
import { epochSeconds } from '../controllers/clock.js';
import type { Controller } from '../controllers/controller.js';
import { podsOf } from '../manifests/rules.js';
import type { PrometheusClient } from '../prometheus.js';
import { CODES, OBJECTIVE, seriesAgreed } from '../queries/agreement.js';
import { WORKERS } from '../queries/comparisons.js';
import { questionsOf } from '../queries/queries.js';
import type { Question } from '../queries/question.js';
import { latest, seconds } from '../queries/series.js';
import { UP } from '../queries/unscraped.js';
import type { Release } from '../release/release.js';
import { type Checked, missing, there, unknown } from './checked.js';
import { type Ask, checkPods, type Element, labelWith } from './pods.js';
import { checkTraffic } from './traffic.js';

export interface CheckOptions {
  readonly release: Release;
  readonly controller: Controller;
  readonly prometheus: PrometheusClient;
  /** Epoch seconds. @defaultValue now */
  readonly at?: number;
}

/**
 * Returns whether a Prometheus has what the templates of a release need, question by question: the pods that run now
 * count as both canary and stable. Rejects with `AnalysisError` if Prometheus cannot be queried.
 */
export async function checkRelease({
  release,
  controller,
  prometheus,
  at = epochSeconds(),
}: CheckOptions): Promise<readonly Checked[]> {
  const query: Ask = async (promql) => {
    const answer = await prometheus.query(promql, at);
    if (answer.type !== 'vector') return [];
    return answer.values.map(({ labels, value = Number.NaN }) => ({ labels, value }));
  };
  const ask: Ask = async (promql) => {
    try {
      return await query(promql);
    } catch (error) {
      throw new AnalysisError(`the check was interrupted: ${(error as Error).message}`);
    }
  };
  const pods = podsOf(release);
  const seen = await ask(`last_over_time(${OBJECTIVE}{${pods}}[${seconds(release.analysis.windowSeconds)}])`);
  const found = await checkPods(release, seen, ask);
  if (seen.length === 0) return [found, ...listUnasked(release, controller)];
  const asked: Asked[] = [];
  for (const question of questionsOf(release, { canary: pods, stable: pods })) {
    try {
      const [element, ...more] = await query(question.query);
      asked.push({ question, number: more.length > 0 ? undefined : element?.value });
    } catch (error) {
      asked.push({ question, number: undefined, failure: (error as Error).message });
    }
  }
  return [
    found,
    ...(controller === 'argo' ? [checkHash(release, seen)] : []),
    await checkSeries(release, asked, ask),
    await checkLabels(release, ask),
    checkObjective(release, seen),
    ...(release.schema ? [await checkSchema(release, ask)] : []),
    checkMetrics(asked),
    await checkInterval(release, ask),
    await checkTraffic(release, controller, ask),
  ];
}

/** A question of the templates, with its number now. */
interface Asked {
  readonly question: Question;
  readonly number: number | undefined;
  /** Why the query failed, if it did. */
  readonly failure?: string;
}

/** Whether a query works, and returns no number. */
function isUnanswered({ number, failure }: Asked): boolean {
  return number === undefined && failure === undefined;
}

/** Returns the questions that cannot be asked without pods. */
function listUnasked({ schema }: Release, controller: Controller): readonly Checked[] {
  return [
    ...(controller === 'argo' ? [HASH] : []),
    SERIES,
    LABELS,
    OF_OBJECTIVE,
    ...(schema ? [SCHEMA] : []),
    METRICS,
    INTERVAL,
    'traffic',
  ].map((question) => unknown(question, 'no pods to look at', 'see pods'));
}

const HASH = 'hash';
const SERIES = 'series';
const LABELS = 'labels';
const OF_OBJECTIVE = 'objective';
const SCHEMA = 'schema';
const METRICS = 'metrics';
const INTERVAL = 'scrape interval';

const TAKE_HASH = "make the scrape copy it from the pod's label, as in the output of `coalmine manifests prometheus`";
const PROMOTE_HASH =
  'make Prometheus promote k8s.pod.label.rollouts-pod-template-hash, and the pods send it: see docs/push.md';

/** Checks that the pods of two versions can be told apart. */
function checkHash({ labels, push }: Release, seen: readonly Element[]): Checked {
  const withHash = new Set(seen.filter((each) => each.labels[labels.hash]).map((each) => each.labels[labels.pod]));
  const without = seen.filter((each) => !withHash.has(each.labels[labels.pod]));
  const [first] = without;
  if (first === undefined) return there(HASH, `${labels.hash} says which release a pod belongs to`);
  const [, hash] = /-([^-]+)-[^-]+$/.exec(first.labels[labels.pod] ?? '') ?? [];
  const other = labelWith(first.labels, labels.hash, (value) => value === hash);
  return missing(
    HASH,
    `no ${labels.hash} on ${without.length} of ${seen.length} pods, so canary and stable cannot be told apart`,
    push ? PROMOTE_HASH : other === undefined ? TAKE_HASH : `give --label hash=${other}, which has the hash`,
  );
}

/** Checks that all series that the queries need exist. A series without requests may be absent if no query needs it. */
async function checkSeries(release: Release, asked: readonly Asked[], ask: Ask): Promise<Checked> {
  const { names } = release;
  const read = seriesIn(release, asked);
  const absent: string[] = [];
  for (const name of seriesIn(release, asked.filter(isUnanswered)))
    if (!(await isThere(release, name, ask))) absent.push(name);
  if (absent.length === 0) return there(SERIES, `all ${read.length} that the queries read`);
  const others = (['otel', undefined] as const).map((preset) => ({ preset, requests: parseNames(preset).requests }));
  for (const { preset, requests } of others.filter((other) => other.requests !== names.requests)) {
    if (!absent.includes(names.requests) || !(await isThere(release, requests, ask))) continue;
    const remedy = preset === undefined ? 'leave out names: the app has the default ones' : `give --names ${preset}`;
    return missing(SERIES, `no ${absent.join(', ')}, but ${requests}`, remedy);
  }
  return missing(
    SERIES,
    `no ${absent.join(', ')}`,
    'give the names of the app (names, --series), or update Coalmine in the app',
  );
}

/** Returns the series that queries read, except series that queries read only to see whether they exist. */
function seriesIn({ names, schema }: Release, asked: readonly Asked[]): readonly string[] {
  const presets = (['otel', undefined] as const).map((preset) => parseNames(preset).requests);
  const optional = [
    ...presets.filter((each) => each !== names.requests),
    WORKERS,
    UP,
    ...(schema ? [] : ['coalmine_schema_state']),
  ];
  const all = asked.flatMap(({ question: { query } }) =>
    // A text in quotes is the value of a label, such as a route with a brace in it.
    [...query.replace(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/([a-zA-Z_:][\w:]*)\{/g)].map(([, name = '']) => name),
  );
  return [...new Set(all)].filter((name) => !optional.includes(name));
}

/** Checks that the series have the labels that the queries sum by. */
async function checkLabels(release: Release, ask: Ask): Promise<Checked> {
  const { names } = release;
  const { method, route, status_code: status } = names.labels;
  const labelled: readonly (readonly [code: number, metric: string, labels: readonly string[]])[] = [
    [CODES.requests, names.requests, [method, route, status]],
    [CODES.failed, names.failed, [method, route]],
    [CODES.timed, names.timed, [method, route]],
    [CODES.slow, names.slow, [method, route]],
  ];
  const pods = podsOf(release);
  const absent: string[] = [];
  let has: readonly string[] = [];
  for (const { code, holds } of seriesAgreed(release, pods)) {
    const [, metric = '', labels = []] = labelled.find(([each]) => each === code) ?? [];
    if ((await ask(holds)).length > 0 || !(await isThere(release, metric, ask))) continue;
    for (const label of labels) {
      if (!(await isThere(release, metric, ask, `${label}!=""`))) absent.push(`${metric} has no ${label}`);
    }
    const [example] = await ask(`topk(1, ${latest(release.analysis, metric, podsOf(release))})`);
    has = Object.keys(example?.labels ?? {}).filter((label) => label !== '__name__');
  }
  if (absent.length === 0) return there(LABELS, [...new Set([method, route, status])].join(', '));
  return missing(
    LABELS,
    absent.join(', '),
    `give the names of the app (--series-label): the series have ${has.map(showLabel).join(', ')}`,
  );
}

/** Checks that app and templates have the same objective. */
function checkObjective({ objective }: Release, seen: readonly Element[]): Checked {
  const values = [...new Set(seen.map(({ value }) => value))].sort((a, b) => a - b);
  const ofApp = `the app has ${values.map((value) => `${value} s`).join(' and ')}`;
  if (objective.latency === undefined)
    return there(OF_OBJECTIVE, `${ofApp}; the templates have no objective and check none`);
  if (values.every((value) => value === objective.latency)) return there(OF_OBJECTIVE, `${ofApp}, like the templates`);
  return missing(
    OF_OBJECTIVE,
    `${ofApp}, the templates have ${objective.latency} s`,
    `give the templates the objective of the app (--latency), or give the app objective: { latency: ${objective.latency} }`,
  );
}

async function checkSchema(release: Release, ask: Ask): Promise<Checked> {
  if (await isThere(release, 'coalmine_schema_state', ask, 'state!=""'))
    return there(SCHEMA, 'the app reports its state');
  return missing(SCHEMA, 'the app reports no state', 'give the app health: { schema }, or leave out schema');
}

/** Checks that each metric has a number: a metric without a number can neither pass nor fail. */
function checkMetrics(asked: readonly Asked[]): Checked {
  const without = asked.filter(isUnanswered).map(({ question }) => question.name);
  const failed = asked.filter(({ failure }) => failure !== undefined);
  const code = asked.find(({ question }) => question.name === 'instrumentation')?.number ?? 0;
  const says = [
    ...(without.length === 0 ? [] : [`no number for ${without.join(', ')}`]),
    ...(code === 0 ? [] : [`instrumentation returns ${code}`]),
    ...(failed[0] === undefined
      ? []
      : [`the query fails for ${failed.map(({ question }) => question.name).join(', ')}: ${failed[0].failure}`]),
  ];
  if (says.length === 0) return there(METRICS, `all ${asked.length} have a number`);
  return missing(METRICS, says.join(', '), 'fix what is missing above; docs/analysis.md says what each metric reads');
}

// Some scrapes are lost. A window contains at least four, and rate() needs two.
const TOLERATED = 1.5;

/** Checks that Prometheus gets samples as often as the windows assume. */
async function checkInterval(release: Release, ask: Ask): Promise<Checked> {
  const { scrapeSeconds, windowSeconds } = release.analysis;
  const interval = seconds(scrapeSeconds);
  const often = release.push ? `set OTEL_METRIC_EXPORT_INTERVAL=${1000 * scrapeSeconds}` : `scrape each ${interval}`;
  const times = `timestamp(${OBJECTIVE}{${podsOf(release)}})[${seconds(4 * windowSeconds)}:${seconds(scrapeSeconds / 4)}]`;
  const answers = await ask(`(max_over_time(${times}) - min_over_time(${times})) / changes(${times})`);
  const intervals = answers.map(({ value }) => value).filter(Number.isFinite);
  if (intervals.length === 0) {
    return unknown(
      INTERVAL,
      `one scrape within ${seconds(4 * windowSeconds)}, but the templates expect one each ${interval}`,
      `check again once there are two; if there are no more, ${often}`,
    );
  }
  const longest = Math.max(...intervals);
  const found = `one each ${seconds(longest < 10 ? Math.round(longest * 10) / 10 : Math.round(longest))}`;
  if (longest <= TOLERATED * scrapeSeconds)
    return there(INTERVAL, `${found}; the templates expect one each ${interval}`);
  return missing(
    INTERVAL,
    `${found}, but the templates expect one each ${interval}`,
    `${often}, or give --scrape-interval ${Math.round(longest * 10) / 10}`,
  );
}

async function isThere(release: Release, metric: string, ask: Ask, matcher?: string): Promise<boolean> {
  return (await ask(`count(${latest(release.analysis, metric, podsOf(release, matcher))})`)).length > 0;
}

/** Returns the name of a label, which may be any text. */
function showLabel(label: string): string {
  return /^\w+$/.test(label) ? label : JSON.stringify(label);
}
