import type { Answer } from '../prometheus.js';
import { type Matcher, selectorText } from '../promql/matcher.js';
import { selectorsOf } from '../promql/selectors.js';

/** What is known of an analysis that has run. */
export interface Asking {
  /** By name. */
  readonly args: ReadonlyMap<string, string | undefined>;
  /** The queries as they were sent, with the arguments. */
  readonly queries: readonly string[];
  /** Epoch seconds of the analysis. */
  readonly startedAt: number;
  readonly finishedAt: number;
  query(promql: string, at: number): Promise<Answer>;
}

/** A label whose value an argument gives, in a metric. */
interface Use {
  readonly argument: string;
  readonly value: string;
  readonly label: string;
  /** The metric, with the namespace if the query names one. */
  readonly selector: string;
}

const LISTED = 5;
// A pod that has ended still has series for this time.
const LEAST_LOOKBACK_SECONDS = 300;

/**
 * Returns a sentence for each argument whose value no series has in the label that the queries compare it with, such as
 * the hash of a release that is gone, with the existing values. Never rejects: without a response of Prometheus, the
 * argument is left out.
 */
export async function unmatchedArguments(asking: Asking): Promise<readonly string[]> {
  const uses = usesOf(asking);
  const seconds = Math.ceil(Math.max(LEAST_LOOKBACK_SECONDS, asking.finishedAt - asking.startedAt));
  const values = await Promise.all(
    uses.map(async ({ label, selector }) =>
      valuesOf(label, `group by (${label}) (last_over_time(${selector}[${seconds}s]))`),
    ),
  );
  const keys = [...new Set(uses.map(keyOf))];
  return keys.flatMap((key) => {
    const same = uses.map((use, i) => ({ use, values: values[i] })).filter(({ use }) => keyOf(use) === key);
    const [{ use }] = same as [(typeof same)[number]];
    // One metric that has the value is enough: a release without errors may have no series of errors.
    const isUnmatched = same.every(({ values: there }) => there !== undefined && !there.includes(use.value));
    return isUnmatched
      ? [
          sentence(
            use,
            same.map((each) => each.use.selector),
            same.flatMap((each) => each.values ?? []),
          ),
        ]
      : [];
  });

  async function valuesOf(label: string, promql: string): Promise<readonly string[] | undefined> {
    try {
      const answer = await asking.query(promql, asking.finishedAt);
      if (answer.type !== 'vector') return undefined;
      return answer.values.flatMap(({ labels }) => labels[label] ?? []);
    } catch {
      return undefined;
    }
  }
}

function keyOf({ argument, label }: Use): string {
  return `${argument} ${label}`;
}

function usesOf({ args, queries }: Asking): readonly Use[] {
  const uses = queries.flatMap((query) =>
    (selectorsOf(query) ?? []).flatMap(({ metric, matchers }) =>
      [...args].flatMap(([argument, value]) =>
        metric === '' || value === undefined || value === ''
          ? []
          : matchers
              .filter((matcher) => matcher.operator === '=' && matcher.value === value && isPlain(matcher.label))
              .map(({ label }) => ({ argument, value, label, selector: selectorOf(metric, matchers, label) })),
      ),
    ),
  );
  return [...new Map(uses.map((use) => [`${keyOf(use)} ${use.selector}`, use])).values()];
}

/** Returns the selector of a metric in the namespace that a query names, with any value of a label. */
function selectorOf(metric: string, matchers: readonly Matcher[], label: string): string {
  const kept = matchers.filter((each) => each.operator === '=' && each.label !== label && /namespace/.test(each.label));
  return kept.length === 0 ? metric : selectorText({ metric, matchers: kept });
}

function isPlain(label: string): boolean {
  return /^[a-zA-Z_]\w*$/.test(label);
}

function sentence({ argument, value, label }: Use, selectors: readonly string[], values: readonly string[]): string {
  const there = [...new Set(values)].sort();
  const more = there.length - LISTED;
  const others =
    there.length === 0
      ? 'no series has this label'
      : `the label has ${there.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const [first, ...rest] = selectors;
  const metrics = rest.length === 0 ? first : `${first} and ${rest.length} more`;
  return `${argument}=${value}: no series of ${metrics} has ${label}=${JSON.stringify(value)}; ${others}`;
}
