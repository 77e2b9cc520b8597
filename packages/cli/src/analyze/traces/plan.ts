import { letsThrough, type Matcher, selectorText } from '../../promql/matcher.js';
import { type LookedAt, selectorsOf } from '../../promql/selectors.js';
import { names, type TracedSides } from './sides.js';

/** The selectors to query for exemplars of bad requests of the canary. */
export interface Plan {
  readonly asked: readonly Asked[];
  /** The most seconds that the query looks back. */
  readonly lookbackSeconds: number;
  /** What the traces show, if the query does not say it. */
  readonly note?: string;
}

/** One selector, and which of its exemplars belong to bad requests. */
export interface Asked {
  readonly selector: string;
  /** Labels whose values the selector fixes. */
  readonly pinned: readonly string[];
  /** Whether it counts since its process started, and not only within the range. */
  readonly isSinceStart: boolean;
  /** A higher value is bad. */
  readonly above?: number;
  /** A status that a label of the series must have. */
  readonly status?: string;
  /** No bound tells bad values from good ones: the greatest are the worst. */
  readonly isByValue: boolean;
}

/** Plans how to find the bad requests behind a query. Returns a sentence if they cannot be found. */
export function planOf(query: string, sides: TracedSides): Plan | string {
  const all = selectorsOf(query);
  if (all === undefined) return 'its query is not PromQL';
  const canary = all.filter((selector) => !isOfOthers(selector, all, sides));
  if (canary.length === 0) return 'its query reads no series of the canary';
  const torn = tornLabel(canary, sides);
  if (torn !== undefined)
    return `no argument has a name (canary-…, stable-…) that says which side is the canary: ${torn}`;
  const lookbackSeconds = Math.max(...canary.map((selector) => selector.lookbackSeconds));
  const failing = canary.flatMap((selector) => planSlow(selector) ?? planFailed(selector) ?? []);
  // If a query reads only the successful requests, the other requests are the bad ones.
  const asked = failing.length > 0 ? failing : canary.flatMap((selector) => planOthers(selector) ?? []);
  if (asked.length > 0) return { asked: distinct(asked), lookbackSeconds };
  const gauges = canary.filter(({ metric, isIncrease }) => !isIncrease && !COUNTED.test(metric));
  const counters = canary.filter(({ metric }) => metric.endsWith('_total'));
  if (gauges.some(({ metric }) => HANGING.test(metric)) && counters.length > 0) {
    return {
      asked: distinct(counters.map((selector) => ({ ...ask(selector, selector.matchers), status: '504' }))),
      lookbackSeconds,
      note: 'a gauge has no exemplars: these are requests to the same pods that ended as 504, after the patience',
    };
  }
  return gauges.length > 0
    ? 'a gauge or a recorded series has no exemplars, and its query reads no failed requests'
    : 'its query does not tell failed requests from others';
}

// By the names that OpenMetrics and the client libraries give.
const COUNTED = /_(?:total|bucket|count|sum)$/;
const HANGING = /overdue|hang|in_?flight/i;
const BAD = /error|fail|slow/i;

/**
 * Whether a selector names another side, or, with a label that names the canary elsewhere, does not name the canary.
 */
function isOfOthers({ matchers }: LookedAt, all: readonly LookedAt[], { canary, others }: TracedSides): boolean {
  const naming = all.flatMap((selector) => selector.matchers.filter(isPositive));
  return matchers.filter(isPositive).some(({ label, value }) => {
    if (names(value, canary)) return false;
    return names(value, others) || naming.some((other) => other.label === label && names(other.value, canary));
  });
}

/** Returns a label with different values in the selectors of one metric, from arguments whose side is not known. */
function tornLabel(selectors: readonly LookedAt[], { unknown }: TracedSides): string | undefined {
  for (const { metric, matchers } of selectors) {
    for (const { label, value } of matchers.filter(isPositive)) {
      const other = selectors
        .filter((selector) => selector.metric === metric)
        .flatMap((selector) => selector.matchers)
        .find((matcher) => isPositive(matcher) && matcher.label === label && matcher.value !== value);
      if (other !== undefined && names(value, unknown) && names(other.value, unknown)) {
        return `${label}="${value}" or "${other.value}"`;
      }
    }
  }
  return undefined;
}

/** Returns what to query from the buckets of a histogram. */
function planSlow(selector: LookedAt): Asked | undefined {
  const { metric, matchers } = selector;
  if (!metric.endsWith('_bucket')) return undefined;
  const le = matchers.find((matcher) => matcher.label === 'le' && isPositive(matcher));
  const rest = matchers.filter(({ label }) => label !== 'le');
  if (le === undefined) return { ...ask(selector, rest), isByValue: true };
  // A request over the bound is in a bucket above it. There is none above the last bucket.
  const above = Number.parseFloat(le.value);
  return Number.isFinite(above) ? { ...ask(selector, rest), above } : undefined;
}

/** Returns what to query from a counter of failed or slow requests. */
function planFailed(selector: LookedAt): Asked | undefined {
  if (!isCounter(selector)) return undefined;
  const isOfBad = selector.matchers.some(selectsFailures) || BAD.test(selector.metric);
  return isOfBad ? ask(selector, selector.matchers) : undefined;
}

/** Returns what to query instead of a counter of successful requests. */
function planOthers(selector: LookedAt): Asked | undefined {
  if (!isCounter(selector) || !selector.matchers.some(selectsSuccesses)) return undefined;
  return ask(
    selector,
    selector.matchers.map((matcher) => (selectsSuccesses(matcher) ? invert(matcher) : matcher)),
  );
}

function isCounter({ metric, isIncrease }: LookedAt): boolean {
  return !metric.endsWith('_bucket') && (isIncrease || COUNTED.test(metric));
}

function ask(selector: LookedAt, matchers: readonly Matcher[]): Asked {
  return {
    // The exemplars of a histogram are in its buckets.
    selector: selectorText({ metric: selector.metric.replace(/_count$/, '_bucket'), matchers }),
    pinned: matchers.filter(({ operator }) => operator === '=').map(({ label }) => label),
    isSinceStart: !selector.isIncrease,
    isByValue: false,
  };
}

// The names of success and failure: in HTTP, in classes, in words.
const OUTCOMES: readonly (readonly [good: string, bad: string, ...more: readonly string[]])[] = [
  ['200', '500', '501', '502', '503', '504', '400', '401', '403', '404', '429', '499'],
  ['2xx', '5xx', '4xx'],
  ['success', 'failure'],
  ['ok', 'error', 'fail'],
];

function selectsFailures(matcher: Matcher): boolean {
  return OUTCOMES.some(
    ([good, ...bad]) => !letsThrough(matcher, good) && bad.some((status) => letsThrough(matcher, status)),
  );
}

function selectsSuccesses(matcher: Matcher): boolean {
  return OUTCOMES.some(([good, bad]) => letsThrough(matcher, good) && !letsThrough(matcher, bad));
}

const OPPOSITES = { '=': '!=', '!=': '=', '=~': '!~', '!~': '=~' } as const;

function invert(matcher: Matcher): Matcher {
  return { ...matcher, operator: OPPOSITES[matcher.operator] };
}

function isPositive({ operator }: Matcher): boolean {
  return operator === '=' || operator === '=~';
}

/** Returns each selector once. A count since the start covers the count within the range. */
function distinct(asked: readonly Asked[]): readonly Asked[] {
  const first = [...asked].sort((a, b) => Number(b.isSinceStart) - Number(a.isSinceStart));
  return [...new Map(first.map((each) => [`${each.selector} ${each.above}`, each])).values()];
}
