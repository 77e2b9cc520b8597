import { showCount, showNumber, showPlural, showShare, showSpan } from '../../controllers/shown.js';
import { CODES } from '../../queries/agreement.js';
import type { CountedRequests } from '../../queries/counts.js';
import { leastShareOf, quantile } from '../../queries/evidence.js';
import { PERSISTENCE } from '../../queries/persistence.js';
import { MANY_REPLACED, MANY_RESTARTED } from '../../queries/restarts.js';
import type { Release } from '../../release/release.js';
import type { Account, Counts, RouteCounts } from '../result.js';
import { shareOf } from './counts.js';
import {
  answersOf,
  failedOf,
  isOfMiddleware,
  isUnmatched,
  leftOf,
  MOST,
  more,
  ofRoutes,
  parts,
  servedBy,
  servesNothing,
  totalsOf,
  unreachedOf,
} from './route-words.js';

/** The requests behind a measurement, without their routes. */
export interface Counted {
  /** `undefined` if it is not known. */
  readonly release: Release | undefined;
  readonly isBad: boolean;
  /** In the window and in the whole life of the canary. */
  readonly window: CountedSides;
  readonly life: CountedSides;
  /** The canary's share of the traffic, in percent, if it is known. */
  readonly weight: number | undefined;
}

/** The requests of both sides; `undefined` if a side has no series. */
export interface CountedSides {
  readonly canary: CountedRequests | undefined;
  readonly stable: CountedRequests | undefined;
}

/** The facts for a sentence about a measurement of a metric. */
export interface Evidence extends Counted {
  readonly release: Release;
  /** The value of the measurement. */
  readonly value: number | undefined;
  readonly routes: readonly RouteCounts[];
  /** The objective of the app, in seconds. */
  readonly objective: number | undefined;
  /** Requests of the canary that hang at the end of the analysis. */
  readonly overdue: number | undefined;
  /** Whether app and templates agree, as far as `instrumentation` told: where they differ, no metric is judged. */
  readonly isComparable: boolean;
}

/**
 * Returns a sentence about the requests behind a metric of Coalmine; `undefined` for any other metric, or without
 * anything to say.
 */
export function metricWordsOf(metric: string, evidence: Evidence): string | undefined {
  const say = WORDS[metric];
  if (say === undefined) return undefined;
  if (evidence.value === undefined) {
    if (evidence.window.canary === undefined) {
      return 'Prometheus has no series of Coalmine from the canary: it is not scraped, or it does not contain Coalmine';
    }
    return evidence.isComparable
      ? 'the query returned nothing: a series or a label that it needs is missing'
      : 'not judged, because app and templates differ: see instrumentation';
  }
  return say(evidence, evidence.value);
}

/**
 * Returns the same sentence from the number of requests alone; `undefined` for a metric about anything else, or without
 * anything to say.
 */
export function wordsOfCounts(metric: string, counted: Counted, value: number): string | undefined {
  return COUNTED[metric]?.(counted, value);
}

type Say<Facts> = (facts: Facts, value: number) => string | undefined;

/** The metrics about the requests of a whole side. */
const COUNTED: Readonly<Record<string, Say<Counted>>> = {
  'error-ratio': (counted, value) => overall(counted, value, ERRORS, 'window'),
  'error-ratio-since-start': (counted, value) => overall(counted, value, ERRORS, 'life'),
  'slow-ratio': (counted, value) => overall(counted, value, SLOWNESS, 'window'),
  'slow-ratio-since-start': (counted, value) => overall(counted, value, SLOWNESS, 'life'),
  'shared-errors': (counted, value) => describeShared(counted, value, ERRORS),
  'shared-slowness': (counted, value) => describeShared(counted, value, SLOWNESS),
  arrival: ({ window: { canary, stable }, weight }, value) => {
    if (value >= 1 || canary === undefined || stable === undefined) return undefined;
    const all = canary.requests + stable.requests;
    const given = weight === undefined ? 'more' : `${weight} %`;
    return `${showCount(canary.requests)} of ${showCount(all)} requests arrive at the canary (${showShare(shareOf(canary.requests, all))}); the step gives it ${given}`;
  },
};

const WORDS: Readonly<Record<string, Say<Evidence>>> = {
  ...COUNTED,
  instrumentation: ({ release, objective }, code) => {
    const differing = Object.entries(DIFFERENCES).filter(([name]) => (code & CODES[name as keyof typeof CODES]) !== 0);
    if (differing.length === 0) return undefined;
    return `app and templates differ: ${differing.map(([, say]) => say(release, objective)).join('; ')}`;
  },
  hangs: ({ overdue = 0 }) =>
    overdue > 0 ? `${showPlural(overdue, 'request hangs', 'requests hang')}, for longer than the patience` : undefined,
  'routes-failing': ({ routes }, value) => ofRoutes(routes, value, 'fail', (counts) => [failedOf(counts)]),
  'routes-slow': ({ routes }, value) =>
    ofRoutes(routes, value, 'are slow', ({ canary, stable }) => [
      parts('took longer than the objective', canary.slow, canary.timed, stable?.slow, stable?.timed),
    ]),
  'routes-turning-away': ({ routes }, value) => ofRoutes(routes, value, 'turn users away', answersOf),
  'routes-differing': ({ routes }, value) =>
    ofRoutes(routes, value, 'differ', (counts) => [...answersOf(counts), leftOf(counts)]),
  'unmatched-differing': ({ routes }, value) =>
    ofRoutes(routes, value, 'differ', (counts) => {
      const answers = answersOf(counts, servesNothing(counts) ? totalsOf(routes, counts) : undefined);
      if (isUnmatched(counts)) return [...answers, failedOf(counts)];
      return servesNothing(counts) ? answers : [unreachedOf(counts)];
    }),
  'routes-lost': ({ routes }, value) => {
    if (value === 0) return undefined;
    const lost = routes.filter(({ canary, stable = canary }) => servedBy(canary) < 0.5 && servedBy(stable) >= 0.5);
    const shown = lost
      .slice(0, MOST)
      .map(({ method, route, stable }) => `${method} ${route} (${showCount(stable?.requests)} on stable)`);
    return `the canary does not serve ${shown.join(', ') || 'what stable serves'}${more(lost)}: the requests get a 404, or what all other paths get`;
  },
  'users-refused': ({ routes }, value) => {
    const partsOf = (counts: RouteCounts): ReturnType<typeof answersOf> => answersOf(counts, totalsOf(routes, counts));
    // The metric counts methods, not middleware.
    return ofRoutes(routes.filter(isOfMiddleware), value, 'turn users away', partsOf, MOST);
  },
  unscraped: (_, value) =>
    value > 0
      ? `Prometheus does not reach ${showPlural(value, 'pod', 'pods')} of the canary, so nobody judges the requests there`
      : undefined,
  'routes-slower': ({ release: { analysis } }, value) =>
    value > 0
      ? `${showPlural(value, 'route takes', 'routes take')} more than ${analysis.slowerThanStable} times as long as on stable`
      : undefined,
  saturation: (_, value) =>
    value > 0
      ? `${showPlural(value, 'pod was', 'pods were')} busy for more than 95 % of the time in each of ${PERSISTENCE.spans} spans, or had a worker that hung, and no pod of stable was: the canary cannot keep up`
      : undefined,
  restarts: (_, value) => {
    if (value === 0) return undefined;
    if (value === MANY_RESTARTED) return 'several pods were restarted once: memory may leak';
    if (value === MANY_REPLACED) return 'pods ended again and again, and pods with other names replaced them';
    return `a pod was restarted ${value === 1 ? 'once' : `${showCount(value)} times`}`;
  },
  'schema-state': (_, value) => {
    if (value === 0) return undefined;
    return value < 1
      ? 'the database is behind this build'
      : 'the database cannot serve this build, or its migration failed';
  },
  traffic: ({ release: { analysis } }, value) =>
    `${showPlural(value, 'request', 'requests')} in ${showSpan(analysis.windowSeconds)}${value < analysis.minRequests ? `; fewer than ${analysis.minRequests} are not judged` : ''}`,
};

/** The meaning of each code of `instrumentation`. */
const DIFFERENCES: Readonly<Record<keyof typeof CODES, (release: Release, objective: number | undefined) => string>> = {
  requests: ({ names }) => `${names.requests} or one of its labels is missing`,
  failed: ({ names }) => `${names.failed} or one of its labels is missing`,
  timed: ({ names }) => `${names.timed} or one of its labels is missing`,
  slow: ({ names }) => `${names.slow} or one of its labels is missing`,
  objective: (release, objective) =>
    `the objective of the app is ${objective === undefined ? 'another' : `${objective} s`}, the objective of the templates is ${release.objective.latency} s`,
  schema: () => 'the app does not report the state of its schema',
  names: () => 'the app has the names of the other preset (`names`)',
  stable: () => 'stable lacks series that the canary has',
  scrapes: ({ analysis }) =>
    `Prometheus scrapes the canary more rarely than every ${analysis.scrapeSeconds} s, which the templates assume (\`analysis.scrapeSeconds\`)`,
};

/** A kind of bad requests, for a service as a whole. */
interface Kind {
  readonly said: string;
  bad(counts: CountedRequests): number;
  all(counts: CountedRequests): number;
  allowed(release: Release): number;
}

const ERRORS: Kind = {
  said: 'failed',
  bad: ({ failed }) => failed,
  all: ({ requests }) => requests,
  allowed: ({ objective }) => objective.errorRatio,
};

const SLOWNESS: Kind = {
  said: 'took longer than the objective of their route',
  bad: ({ slow }) => slow,
  all: ({ timed }) => timed,
  allowed: ({ objective }) => objective.overShare,
};

function overall(
  { release, isBad, ...of }: Counted,
  value: number,
  kind: Kind,
  view: 'window' | 'life',
): string | undefined {
  const { canary, stable } = of[view];
  if (canary === undefined || kind.all(canary) === 0) return undefined;
  const [bad, all] = [kind.bad(canary), kind.all(canary)];
  const inWindow = release === undefined ? 'in a window' : `in ${showSpan(release.analysis.windowSeconds)}`;
  const when = view === 'life' ? 'since the canary began' : inWindow;
  // The pods of stable are older than the canary, and so are their counters.
  const beside = view === 'life' ? 'stable since its pods began' : 'stable';
  return [
    `${showCount(bad)} of ${showPlural(all, 'request', 'requests')} ${kind.said} ${when} (${showShare(shareOf(bad, all))})`,
    [
      ...(release === undefined
        ? [`what is proven is ${showNumber(value)} times what is allowed`]
        : limitsOf(release, kind, canary, isBad ? value : undefined)),
      ...(stable === undefined ? [] : [`${beside}: ${showCount(kind.bad(stable))} of ${showCount(kind.all(stable))}`]),
    ].join(', '),
  ].join('; ');
}

/** Returns the share that is allowed, and before it the share that is proven, if there is a bad value. */
function limitsOf(release: Release, kind: Kind, canary: CountedRequests, bad: number | undefined): readonly string[] {
  const objective = kind.allowed(release);
  if (bad === undefined) return [`${showShare(objective)} is allowed`];
  const proven = leastShareOf(kind.bad(canary), kind.all(canary), quantile(release.analysis.confidence));
  // The query divides the proven share by the allowed share, which is more than the objective if stable fails as well.
  const allowed = bad > 0 ? Math.max(objective, proven / bad) : objective;
  return [`at least ${showShare(proven)} is proven`, `${showShare(allowed)} is allowed`];
}

function describeShared(
  { release, window: { canary, stable } }: Counted,
  value: number,
  kind: Kind,
): string | undefined {
  if (value === 0 || canary === undefined || stable === undefined) return undefined;
  const side = (name: string, counts: CountedRequests): string =>
    `${name}: ${showCount(kind.bad(counts))} of ${showCount(kind.all(counts))} requests ${kind.said} (${showShare(shareOf(kind.bad(counts), kind.all(counts)))})`;
  return [
    [side('canary', canary), side('stable', stable)].join(', '),
    ...(release === undefined ? [] : [`${showShare(kind.allowed(release))} is allowed`]),
  ].join('; ');
}

/** Returns the totals of an account in one sentence. */
export function summaryOf({ canary, stable }: Account): string {
  const side = (name: string, { requests, failed, slow, timed }: Counts): string =>
    `${name}: ${showCount(requests)} requests, ${showShare(shareOf(failed, requests))} failed, ${showShare(shareOf(slow, timed))} slow`;
  return [side('canary', canary), ...(stable === undefined ? [] : [side('stable', stable)])].join('; ');
}
