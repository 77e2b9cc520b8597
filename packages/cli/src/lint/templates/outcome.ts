import { letsThrough, type Matcher } from '../../promql/matcher.js';
import type { Promql, Selector } from '../../promql/promql.js';

/** The outcome of a request, as far as labels tell it. */
export type Outcome = 'good' | 'refused' | 'bad';
export const OUTCOMES: readonly Outcome[] = ['good', 'refused', 'bad'];

type Values = Readonly<Record<Outcome, string>>;

// The values of labels: HTTP and gRPC, in numbers and in words.
const FAMILIES: readonly Values[] = [
  { good: '200', refused: '404', bad: '500' },
  { good: '200', refused: '404', bad: '502' },
  { good: '200', refused: '404', bad: '503' },
  { good: '2xx', refused: '4xx', bad: '5xx' },
  { good: 'OK', refused: 'NotFound', bad: 'Unavailable' },
  { good: 'OK', refused: 'NotFound', bad: 'Internal' },
  { good: '0', refused: '5', bad: '14' },
  { good: 'SUCCESS', refused: 'CLIENT_ERROR', bad: 'SERVER_ERROR' },
  { good: '2', refused: '4', bad: '5' },
  { good: 'success', refused: 'success', bad: 'failure' },
  { good: 'success', refused: 'success', bad: 'error' },
  { good: 'success', refused: 'success', bad: 'failed' },
  { good: 'true', refused: 'true', bad: 'false' },
  { good: 'false', refused: 'false', bad: 'true' },
];

const LABEL = /status|code|class|outcome|result|success|error/i;

/** Whether a label matcher accepts a value. A value that cannot be judged here is accepted. */
export function isMatch(matcher: Matcher, actual: string): boolean {
  return letsThrough(matcher, actual) ?? true;
}

/** Returns the value of a matcher's label for each outcome; `undefined` for a label that does not tell outcomes. */
export function valuesOf(matcher: Matcher): Values | undefined {
  if (!LABEL.test(matcher.label)) return undefined;
  return FAMILIES.find((values) => new Set(OUTCOMES.map((outcome) => isMatch(matcher, values[outcome]))).size === 2);
}

/** Returns the labels that tell outcomes in a query, by metric. */
export function outcomeLabels(parts: readonly Promql[]): ReadonlyMap<string, ReadonlyMap<string, Values>> {
  const found = new Map<string, Map<string, Values>>();
  for (const part of parts) {
    if (part.kind !== 'selector') continue;
    const labels = found.get(part.metric) ?? new Map<string, Values>();
    found.set(part.metric, labels);
    for (const matcher of part.matchers) {
      const values = valuesOf(matcher);
      if (values !== undefined && !labels.has(matcher.label)) labels.set(matcher.label, values);
    }
  }
  return found;
}

/** Returns the outcomes that a selector accepts, by its labels. */
export function outcomesOf(selector: Selector): readonly Outcome[] {
  return OUTCOMES.filter((outcome) =>
    selector.matchers.every((matcher) => {
      const values = valuesOf(matcher);
      return values === undefined || isMatch(matcher, values[outcome]);
    }),
  );
}

/** Returns the side of a release that a selector reads, without outcomes and buckets. */
export function sideOf({ matchers }: Selector): string {
  return matchers
    .filter((matcher) => matcher.label !== 'le' && valuesOf(matcher) === undefined)
    .map(({ label, operator, value }) => `${label}${operator}"${value}"`)
    .sort()
    .join(',');
}
