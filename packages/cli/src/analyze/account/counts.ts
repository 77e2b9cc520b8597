import type { Answer } from '../../prometheus.js';
import { COMPARED, LEFT, NOT_MODIFIED, TOLD_APART } from '../../queries/responses.js';
import { latest, NO_ROUTE, seconds, usersOnly } from '../../queries/series.js';
import type { Release } from '../../release/release.js';
import type { Counts, RouteCounts } from '../result.js';

/** The Prometheus to query for the requests of a release. */
export interface Asked {
  readonly release: Release;
  /** The pods of canary and stable, as label matchers. */
  readonly canary: string;
  readonly stable: string | undefined;
  /** How many seconds before a measurement the requests of stable are counted. */
  readonly stableEarlier: number;
  /** Queries Prometheus at a time, in epoch seconds. */
  query(promql: string, at: number): Promise<Answer>;
}

/** The span of a count: the given seconds before a time, or the whole life of the pods. */
export type Within = number | 'life';

const NONE: Counts = { requests: 0, failed: 0, timed: 0, slow: 0, answers: {} };

/** Returns the requests of one side up to a time; `undefined` if it has no series of Coalmine, or is not named. */
export async function countsOf(
  asked: Asked,
  pods: string | undefined,
  at: number,
  within: Within,
): Promise<Counts | undefined> {
  if (pods === undefined) return undefined;
  const [counts] = (await groupCounts(asked, pods, at, within, [])).values();
  return counts;
}

/** Returns the requests of each route of the app, the worst route first. */
export async function routesOf(asked: Asked, at: number, within: Within): Promise<readonly RouteCounts[]> {
  const { method, route } = asked.release.names.labels;
  const [ofCanary, ofStable] = await Promise.all(
    [asked.canary, asked.stable].map((pods) =>
      pods === undefined ? undefined : groupCounts(asked, pods, at, within, [method, route]),
    ),
  );
  const keys = [...new Set([...(ofCanary?.keys() ?? []), ...(ofStable?.keys() ?? [])])];
  const canaryOfStable = shareOf(requestsOf(ofCanary), requestsOf(ofStable));
  const badness = (counts: RouteCounts): number => (isLost(counts, canaryOfStable) ? WORST : excessOf(counts));
  return keys
    .map((key): RouteCounts => {
      const [of = '', pattern = ''] = JSON.parse(key) as string[];
      const counts = { method: of, route: pattern, canary: ofCanary?.get(key) ?? NONE };
      return ofStable === undefined ? counts : { ...counts, stable: ofStable.get(key) ?? NONE };
    })
    .filter(({ route: pattern }) => !IS_NO_ROUTE.test(pattern))
    .filter(({ canary: { requests }, stable: beside = NONE }) => requests > 0 || beside.requests > 0)
    .sort((a, b) => badness(b) - badness(a) || b.canary.requests - a.canary.requests);
}

const IS_NO_ROUTE = new RegExp(`^(?:${NO_ROUTE})$`);

// Higher than any share of requests.
const WORST = 2;

function requestsOf(routes: ReadonlyMap<string, Counts> | undefined): number {
  return [...(routes?.values() ?? [])].reduce((sum, { requests }) => sum + requests, 0);
}

/** Whether the canary should have had at least ten requests of a route, by stable's share of them, and had none. */
function isLost({ canary, stable = NONE }: RouteCounts, canaryOfStable: number): boolean {
  return canary.requests === 0 && canaryOfStable * stable.requests >= 10;
}

/** Returns by how much more of a route's requests end badly on the canary than on stable; 0 if the canary has none. */
function excessOf({ canary, stable = NONE }: RouteCounts): number {
  if (canary.requests === 0) return 0;
  const classes = new Set([...Object.keys(canary.answers), ...Object.keys(stable.answers)]);
  return Math.max(
    shareOf(canary.failed, canary.requests) - shareOf(stable.failed, stable.requests),
    shareOf(canary.slow, canary.timed) - shareOf(stable.slow, stable.timed),
    ...[...classes].map(
      (each) =>
        shareOf(canary.answers[each] ?? 0, canary.requests) - shareOf(stable.answers[each] ?? 0, stable.requests),
    ),
  );
}

/** Returns a share; 0 if the whole is 0. */
export function shareOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** Returns the requests of one side, grouped by labels. */
async function groupCounts(
  { release, query, stable, stableEarlier }: Asked,
  pods: string,
  at: number,
  within: Within,
  labels: readonly string[],
): Promise<ReadonlyMap<string, Counts>> {
  const { names, analysis } = release;
  const status = names.labels.status_code;
  const countOf = (metric: string, matchers: string): string =>
    within === 'life'
      ? latest(analysis, metric, matchers)
      : `increase(${metric}{${matchers}}[${seconds(Math.ceil(within))}])`;
  const count = (metric: string, matcher = ''): string => countOf(metric, `${pods}${matcher}`);
  const sum = (what: string, counted: string, ...more: readonly string[]): string =>
    `label_replace(sum by (${[...labels, ...more].join(', ')}) (${counted}), "${WHAT}", "${what}", "", "")`;
  const answer = await query(
    [
      sum('requests', labels.length === 0 ? usersOnly(release, pods, countOf) : count(names.requests)),
      sum('failed', count(names.failed)),
      sum('timed', count(names.timed)),
      sum('slow', count(names.slow)),
      sum('answers', count(names.requests, `,${status}=~"${COMPARED}"`), status),
    ].join('\nor '),
    pods === stable ? at - stableEarlier : at,
  );
  const groups = new Map<string, Counts>();
  if (answer.type !== 'vector') return groups;
  for (const { labels: of, value = 0 } of answer.values) {
    const key = JSON.stringify(labels.map((label) => of[label] ?? ''));
    const counts = groups.get(key) ?? NONE;
    const what = of[WHAT];
    groups.set(
      key,
      what === 'answers' ? withAnswer(counts, of[status] ?? '', value) : { ...counts, [what ?? '']: value },
    );
  }
  return groups;
}

// The label for what a series counts.
const WHAT = 'coalmine_what';

const IS_TOLD_APART = new RegExp(`^(?:${TOLD_APART}|${LEFT})$`);

function withAnswer(counts: Counts, status: string, value: number): Counts {
  if (status === NOT_MODIFIED) return counts;
  const kind = IS_TOLD_APART.test(status) ? status : `${status[0]}xx`;
  return { ...counts, answers: { ...counts.answers, [kind]: (counts.answers[kind] ?? 0) + value } };
}
