import { describe, expect, it } from 'vitest';
import { type Element, NotKnown } from '../../packages/cli/src/promql/elements.js';
import { evaluate } from '../../packages/cli/src/promql/evaluate.js';
import { letsThrough } from '../../packages/cli/src/promql/matcher.js';
import { isPromqlError, parsePromql } from '../../packages/cli/src/promql/parser.js';
import type { Selector } from '../../packages/cli/src/promql/promql.js';
import { isPrometheusMissing, promtoolTestQueries, type RuleSeries } from '../support/prometheus.js';
import { type Random, randomOf } from '../support/random.js';

const WORLDS = 4;
const QUERIES = 100;
// Late enough for every window, and a multiple of every step.
const NOW = 3600;
const SCRAPES = NOW / 15;

type Series = readonly (Element & { readonly metric: string })[];

/**
 * The counters of a release, some of which are missing and some do not grow, and a histogram. All rates are fractions that a
 * computer adds up exactly.
 */
function seriesOf(random: Random): Series {
  const series: (Element & { readonly metric: string })[] = [];
  for (const pod of ['a', 'b', 'c']) {
    for (const metric of ['x_total', 'y_total']) {
      for (const code of ['200', '404', '500']) {
        if (random.chance(0.25)) continue;
        const value = random.chance(0.2) ? 0 : random.below(4096) / 64;
        series.push({ metric, labels: { code, pod }, value });
      }
    }
    let value = 0;
    for (const le of ['0.1', '0.5', '1', '+Inf']) {
      value += random.chance(0.3) ? 0 : random.below(4096) / 64;
      series.push({ metric: 's_bucket', labels: { le, pod }, value });
    }
  }
  return series;
}

const MATCHERS = ['', 'pod="a"', 'code=~"5.."', 'code!~"5..",pod!="c"', 'code="200"', 'pod=~"a|b"', 'pod="none"'];
// Not multiples of the scrape interval, because versions of Prometheus differ about samples on the edge of a window.
const WINDOWS = ['40s', '100s', '5m10s', '8s'];
const WINDOW_FUNCTIONS =
  'rate increase irate idelta delta deriv changes resets count_over_time sum_over_time avg_over_time min_over_time max_over_time last_over_time present_over_time stddev_over_time'.split(
    ' ',
  );
const AGGREGATIONS = ['sum', 'avg', 'max', 'min', 'count', 'group', 'stddev', 'stdvar'];
const MODIFIERS = ['', '', 'by (pod)', 'by (code)', 'by (pod, code)', 'without (pod)', 'without (code, none)'];
const MATCHINGS = ['', '', 'on (pod)', 'on (code, pod)', 'ignoring (code)', 'on ()'];
const EACH = ['abs', 'ceil', 'floor', 'exp', 'ln', 'log2', 'log10', 'sqrt', 'sgn', 'round', 'sort', 'sort_desc', '-'];

function selector(random: Random): string {
  return `${random.pick(['x_total', 'x_total', 'y_total', 'gone_total'])}{${random.pick(MATCHERS)}}`;
}

function windowed(random: Random, depth: number): string {
  const call = random.pick(WINDOW_FUNCTIONS);
  const offset = random.chance(0.2) ? ` offset ${random.pick(['1m', '11s', '10m'])}` : '';
  if (depth > 1 && random.chance(0.2)) {
    return `${call}((${vector(random, depth - 1)})[${random.pick(WINDOWS)}:${random.pick(['15s', '45s', '1m'])}]${offset})`;
  }
  return `${call}(${selector(random)}[${random.pick(WINDOWS)}]${offset})`;
}

function scalar(random: Random, depth: number): string {
  const number = random.pick(['0', '1', '2', '0.37', '-1.5', '1e3', '100', 'Inf', 'NaN', 'time()', 'pi()']);
  if (depth <= 0 || random.chance(0.6)) return number;
  if (random.chance(0.5)) return `scalar(${vector(random, depth - 1)})`;
  return `(${scalar(random, depth - 1)} ${random.pick(['+', '-', '*', '/', '%', '^'])} ${scalar(random, depth - 1)})`;
}

function vector(random: Random, depth: number): string {
  if (depth <= 0) return random.chance(0.3) ? selector(random) : windowed(random, 0);
  const inner = (): string => vector(random, depth - 1);
  const number = (): string => scalar(random, depth - 1);
  const matching = (): string => random.pick(MATCHINGS);
  const arithmetic = (): string => random.pick(['+', '-', '*', '/', '%', '^', 'atan2']);
  const comparison = (): string => random.pick(['<', '>', '<=', '>=']) + random.pick(['', ' bool']);
  const forms: readonly (() => string)[] = [
    () => windowed(random, depth),
    () => `${random.pick(AGGREGATIONS)} ${random.pick(MODIFIERS)} (${inner()})`,
    () => `${random.pick(AGGREGATIONS)} ${random.pick(MODIFIERS)} (${inner()})`,
    () => `${random.pick(['topk', 'bottomk'])} ${random.pick(MODIFIERS)} (${random.pick(['9', '0'])}, ${inner()})`,
    () => `quantile ${random.pick(MODIFIERS)} (${random.pick(['0.5', '0.9', '0', '2'])}, ${inner()})`,
    () => `${random.pick(EACH)}(${inner()})`,
    () => `round(${inner()}, ${random.pick(['0.1', '5'])})`,
    () => `${random.pick(['clamp_min', 'clamp_max'])}(${inner()}, ${number()})`,
    () => `clamp(${inner()}, ${number()}, ${number()})`,
    () => `vector(${number()})`,
    () => `absent(${random.chance(0.5) ? selector(random) : inner()})`,
    () => `histogram_quantile(${random.pick(['0.5', '0.95', '0', '1', '-1'])}, ${histogram(random)})`,
    () => `label_replace(${inner()}, "to", "$1-x", "pod", "(a|b)")`,
    () => `label_join(${inner()}, "to", "-", "pod", "code")`,
    () => `(${inner()} ${arithmetic()} ${number()})`,
    () => `(${number()} ${comparison()} ${inner()})`,
    () => `(${inner()} ${arithmetic()} ${matching()} ${inner()})`,
    () => `(${inner()} ${comparison()} ${matching()} ${inner()})`,
    () => `(${inner()} ${random.pick(['and', 'or', 'unless'])} ${matching()} ${inner()})`,
    () => `(${inner()} / on (pod) group_left sum by (pod) (${inner()}))`,
    () => `(sum by (code) (${inner()}) * on (code) group_right () ${inner()})`,
    () => `(${inner()} - on (pod) group_left (to) label_replace(max by (pod) (${inner()}), "to", "x", "", ""))`,
  ];
  return random.pick(forms)();
}

function histogram(random: Random): string {
  const buckets = `rate(s_bucket[${random.pick(['100s', '5m10s'])}])`;
  return random.pick([buckets, `sum by (le) (${buckets})`, `sum by (pod, le) (${buckets})`]);
}

/** Returns the evaluator's result of a query, or `undefined` if the evaluator does not know it. */
function answerOf(query: string, series: Series): readonly Element[] | undefined {
  const tree = parsePromql(query);
  if (isPromqlError(tree)) throw new Error(`${query}: ${tree.error}`);
  const select = ({ metric, matchers }: Selector): Series =>
    series.filter(
      (each) =>
        each.metric === metric && matchers.every((matcher) => letsThrough(matcher, label(each.labels, matcher.label))),
    );
  try {
    return evaluate(tree, select, NOW) as readonly Element[];
  } catch (error) {
    if (error instanceof NotKnown) return undefined;
    throw error;
  }
}

function label(labels: Element['labels'], name: string): string {
  return labels[name] ?? '';
}

function written(metric: string, labels: Element['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${metric}{${pairs.join(',')}}`;
}

function numberText(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? 'Inf' : '-Inf';
}

describe.skipIf(isPrometheusMissing)('generated queries in the evaluator', () => {
  it('return what Prometheus returns: elements, labels and values', async () => {
    const random = randomOf(15);
    let known = 0;
    const tests = Array.from({ length: WORLDS }, (_, world) => {
      const series = seriesOf(random);
      const expected: RuleSeries[] = [];
      const queries = Array.from({ length: QUERIES }, (_, i) => ({ query: vector(random, 1 + random.below(3)), i }));
      return {
        name: `world ${world}`,
        queries: queries.flatMap(({ query, i }) => {
          const answer = answerOf(query, series);
          if (answer === undefined) return [];
          known += 1;
          if (answer.length === 0) return [{ query, at: '1h', answers: [] }];
          const same = `expected_${i}`;
          for (const { labels, value } of answer) {
            expected.push({ series: written(same, labels), values: `_x${SCRAPES} ${numberText(value)}` });
          }
          const isClose = `abs((${query}) - ${same}) <= 1e-6 * abs(${same})`;
          const isNone = `((${query}) != (${query})) and (${same} != ${same})`;
          return [
            { query: `count(${query})`, at: '1h', answers: [answer.length] },
            {
              query: `count(((${query}) == ${same}) or (${isClose}) or (${isNone}))`,
              at: '1h',
              answers: [answer.length],
            },
          ];
        }),
        series: [
          ...series.map(({ metric, labels, value }) => ({
            series: written(metric, labels),
            values: `0+${15 * value}x${SCRAPES}`,
          })),
          ...expected,
        ],
      };
    });
    expect(await promtoolTestQueries(tests)).toEqual({ status: 0, said: expect.any(String) });
    expect(known).toBeGreaterThan(0.8 * WORLDS * QUERIES);
  });
});
