import type { Path, SourceObject } from '../../controllers/objects.js';
import { removeComments } from '../../promql/comments.js';
import { type Promql, partsOf } from '../../promql/promql.js';
import type { Report } from './findings.js';
import { parseQuery, type Query } from './query.js';
import { lintAnswers } from './query-answers.js';
import { lintForm } from './query-form.js';
import type { QueryUse } from './query-use.js';

interface Options extends Omit<QueryUse, 'query' | 'say'> {
  readonly object: SourceObject;
  readonly path: Path;
  readonly source: string;
  /** The address that is queried, if it is known. */
  readonly address: string | undefined;
  /** The values of `{{ … }}` outside of strings. */
  readonly values: Readonly<Record<string, string>>;
  readonly report: Report;
  /** Additional checks of the query. */
  readonly also?: (use: QueryUse) => void;
}

// The usual names and ports of VictoriaMetrics.
const VICTORIA_METRICS = /victoria|\bvm(?:select|single|auth|proxy)|:8(?:427|428|481)\b/i;

/** Lints the query at a path, and returns it if it parses. */
export function lintQuery({ object, path, source, address, values, report, also, ...use }: Options): Query | undefined {
  const query = parseQuery(source, values);
  if ('error' in query && VICTORIA_METRICS.test(address ?? '')) {
    report(
      'unknown-function',
      object.within(path, query.at),
      `the query is not PromQL: ${query.error}. VictoriaMetrics, which the address names, may accept it as MetricsQL, which Coalmine does not evaluate`,
      'try it with the controller; the other parts of the metric were linted',
    );
    return undefined;
  }
  if ('error' in query) {
    const repaired = source.replace(/([{,]\s*\w+\s*)~(?=\s*["'`])/g, '$1=~');
    const [variable] = /^\$\{?\w+\}?/.exec(source.slice(query.at)) ?? [];
    const correct =
      variable === undefined
        ? 'correct it; promtool promql format shows details'
        : `write a value in place of ${variable}, which the controller does not fill in`;
    report(
      'promql-syntax',
      object.within(path, query.at),
      `the query does not parse: ${query.error}`,
      repaired === source ? correct : `query: ${removeComments(repaired).replace(/\s+/g, ' ').trim()}`,
    );
    return undefined;
  }
  const full: QueryUse = {
    ...use,
    query,
    say: (rule, part, message, repair, severity) =>
      report(rule, object.within(path, query.sourceAt(part.from)), message, repair, severity),
  };
  lintForm(full);
  if (full.isRecord !== true) lintAnswers(full);
  also?.(full);
  return query;
}

const RATES: readonly string[] = ['rate', 'increase', 'irate', 'delta', 'deriv'];

/** The window of a rate in a query. */
interface Window {
  /** `NaN` if an argument sets it. */
  readonly seconds: number;
  readonly isFixed: boolean;
  /** Whether a subquery repeats it over an earlier time. */
  readonly isRepeated: boolean;
  readonly part: Promql;
}

/** Returns the windows of the rates in a query. */
export function windowsIn({ parts, isFilled, isGuessed }: Query): readonly Window[] {
  const repeated = new Set(parts.flatMap((part) => (part.kind === 'subquery' ? partsOf(part.of) : [])));
  return parts.flatMap((part) => {
    const [selector] = part.kind === 'call' && RATES.includes(part.name) ? part.args : [];
    if (selector?.kind !== 'selector' || selector.range === undefined) return [];
    const seconds = isGuessed(selector.range) ? Number.NaN : selector.range.seconds;
    return [{ seconds, isFixed: !isFilled(selector.range), isRepeated: repeated.has(part), part: selector }];
  });
}
