import { letsThrough, type Matcher, selectorText } from '../../promql/matcher.js';
import { type LookedAt, selectorsOf } from '../../promql/selectors.js';
import { names, type TracedSides } from './sides.js';

/** What to ask for exemplars, so that the answer is of bad requests of the canary. */
export interface Plan {
  readonly asked: readonly Asked[];
  /** Seconds that the query looks back at most. */
  readonly lookbackSeconds: number;
  /** What the traces are of, where the query does not say it. */
  readonly note?: string;
}

/** One selector, and which of its exemplars are of bad requests. */
export interface Asked {
  readonly selector: string;
  /** Labels whose values the selector gives. */
  readonly pinned: readonly string[];
  /** Whether it counts since its process began, not within the range alone. */
  readonly isSinceStart: boolean;
  /** A value above it is bad. */
  readonly above?: number;
  /** A status that a label of the series must have. */
  readonly status?: string;
  /** Nothing says from where on a value is bad: the greatest are the worst. */
  readonly isByValue: boolean;
}

/** Plans how the bad requests behind a query are found; a sentence why they cannot be. */
export function planOf(query: string, sides: TracedSides): Plan | string {
  const all = selectorsOf(query);
  if (all === undefined) return 'its query cannot be read as PromQL';
  const canary = all.filter((selector) => !isOfOthers(selector, all, sides));
  if (canary.length === 0) return 'its query asks no series of the canary';
  const torn = tornLabel(canary, sides);
  if (torn !== undefined) return `no argument says by its name (canary-…, stable-…) which is the canary: ${torn}`;
  const lookbackSeconds = Math.max(...canary.map((selector) => selector.lookbackSeconds));
  const failing = canary.flatMap((selector) => slow(selector) ?? failed(selector) ?? []);
  // Where a query asks for what went well alone, the rest went badly.
  const asked = failing.length > 0 ? failing : canary.flatMap((selector) => notGood(selector) ?? []);
  if (asked.length > 0) return { asked: distinct(asked), lookbackSeconds };
  const gauges = canary.filter(({ metric, isIncrease }) => !isIncrease && !COUNTED.test(metric));
  const counters = canary.filter(({ metric }) => metric.endsWith('_total'));
  if (gauges.some(({ metric }) => HANGING.test(metric)) && counters.length > 0) {
    return {
      asked: distinct(counters.map((selector) => ({ ...asking(selector, selector.matchers), status: '504' }))),
      lookbackSeconds,
      note: 'a gauge has no exemplars: these are requests to the same pods that ended as 504, past all patience',
    };
  }
  return gauges.length > 0
    ? 'a gauge or a recorded series has no exemplars, and its query asks for no failed requests beside'
    : 'its query does not tell failed requests from others';
}

// By the names that OpenMetrics and the client libraries give.
const COUNTED = /_(?:total|bucket|count|sum)$/;
const HANGING = /overdue|hang|in_?flight/i;
const BAD = /error|fail|slow/i;

/** Whether a selector names another side, or, by a label that names the canary elsewhere, not the canary. */
function isOfOthers({ matchers }: LookedAt, all: readonly LookedAt[], { canary, others }: TracedSides): boolean {
  const naming = all.flatMap((selector) => selector.matchers.filter(isPositive));
  return matchers.filter(isPositive).some(({ label, value }) => {
    if (names(value, canary)) return false;
    return names(value, others) || naming.some((other) => other.label === label && names(other.value, canary));
  });
}

/** A label by which selectors of one metric contradict each other, by arguments of which nothing is known. */
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

/** What to ask of the buckets of a histogram. */
function slow(selector: LookedAt): Asked | undefined {
  const { metric, matchers } = selector;
  if (!metric.endsWith('_bucket')) return undefined;
  const le = matchers.find((matcher) => matcher.label === 'le' && isPositive(matcher));
  const rest = matchers.filter(({ label }) => label !== 'le');
  if (le === undefined) return { ...asking(selector, rest), isByValue: true };
  // A request over the bound sits in a bucket above it. Over the last one there is none.
  const above = Number.parseFloat(le.value);
  return Number.isFinite(above) ? { ...asking(selector, rest), above } : undefined;
}

/** What to ask of a counter of failed or slow requests. */
function failed(selector: LookedAt): Asked | undefined {
  if (!isCounter(selector)) return undefined;
  const isOfBad = selector.matchers.some(selectsFailures) || BAD.test(selector.metric);
  return isOfBad ? asking(selector, selector.matchers) : undefined;
}

/** What to ask beside a counter of requests that went well. */
function notGood(selector: LookedAt): Asked | undefined {
  if (!isCounter(selector) || !selector.matchers.some(selectsSuccesses)) return undefined;
  return asking(
    selector,
    selector.matchers.map((matcher) => (selectsSuccesses(matcher) ? turned(matcher) : matcher)),
  );
}

function isCounter({ metric, isIncrease }: LookedAt): boolean {
  return !metric.endsWith('_bucket') && (isIncrease || COUNTED.test(metric));
}

function asking(selector: LookedAt, matchers: readonly Matcher[]): Asked {
  return {
    // A histogram has its exemplars in the buckets.
    selector: selectorText({ metric: selector.metric.replace(/_count$/, '_bucket'), matchers }),
    pinned: matchers.filter(({ operator }) => operator === '=').map(({ label }) => label),
    isSinceStart: !selector.isIncrease,
    isByValue: false,
  };
}

// What success and failure are called: by HTTP, in classes, in words.
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

function turned(matcher: Matcher): Matcher {
  return { ...matcher, operator: OPPOSITES[matcher.operator] };
}

function isPositive({ operator }: Matcher): boolean {
  return operator === '=' || operator === '=~';
}

/** One of each selector: what counts since the start asks for what the range has, too. */
function distinct(asked: readonly Asked[]): readonly Asked[] {
  const first = [...asked].sort((a, b) => Number(b.isSinceStart) - Number(a.isSinceStart));
  return [...new Map(first.map((each) => [`${each.selector} ${each.above}`, each])).values()];
}
