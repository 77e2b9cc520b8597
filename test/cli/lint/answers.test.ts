import { describe, expect, it } from 'vitest';
import { answerOf, valuesIn } from '../../../packages/cli/src/lint/templates/answer.js';
import { seriesIn, WORLDS, type World } from '../../../packages/cli/src/lint/templates/world.js';
import { NOW_SECONDS } from '../../../packages/cli/src/promql/evaluate.js';
import { isPromqlError, parsePromql } from '../../../packages/cli/src/promql/parser.js';
import { partsOf, selectorsIn } from '../../../packages/cli/src/promql/promql.js';
import { isPrometheusMissing, promtoolTestQueries, type RuleSeries } from '../../support/prometheus.js';

const CANARY = 'hash="canary"';
const STABLE = 'hash="stable"';
const sum = (matchers: string): string => `sum(rate(x_total{${matchers}}[2m]))`;
const ERRORS = sum(`${CANARY},code=~"5.."`);
const ALL = sum(CANARY);

/** Each kind of operation in published queries. */
const QUERIES: readonly string[] = [
  `rate(x_total{${CANARY}}[2m])`,
  ALL,
  sum(`${CANARY},code=~"2.."`),
  sum(`${CANARY},code="404"`),
  `${ERRORS} / ${ALL}`,
  `100 - ${sum(`${CANARY},code!~"5.*"`)} / ${ALL} * 100`,
  `(${ERRORS} or 0 * ${ALL}) / (${ALL} > 0) or 0 * ${ALL}`,
  `(${ERRORS} or vector(0)) / ${ALL}`,
  `${ERRORS} / ${ALL} or vector(0)`,
  `rate(x_total{${CANARY},code!~"5.."}[2m]) / rate(x_total{${CANARY}}[2m])`,
  `sum by (pod) (rate(x_total{${CANARY}}[2m]))`,
  `sum without (pod, instance, route) (rate(x_total{${CANARY}}[2m]))`,
  `${ERRORS} / ${sum(`${STABLE},code=~"5.."`)}`,
  `${ERRORS} / clamp_min(${sum(`${STABLE},code=~"5.."`)}, 0.01)`,
  `${ALL} >= 20 and ${ERRORS} < 1e6`,
  `${ALL} unless ${ERRORS}`,
  `(${ERRORS} > bool 10) * 2 ^ 3`,
  `-${ERRORS} + sqrt(${ALL}) - abs(${ALL}) % 7`,
  `sum(increase(x_total{${CANARY}}[2m])) >= 1`,
  `sum(last_over_time(x_total{${CANARY}}[2m]))`,
  `max(x_total{${CANARY}}) + min(x_total{${CANARY}}) + avg(x_total{${CANARY}}) + count(x_total{${CANARY}})`,
  `max_over_time((${ERRORS} / ${ALL})[1m:15s])`,
  `quantile_over_time(0.5, (${ERRORS} / ${ALL})[2m:15s])`,
  `sum(rate(s_bucket{${CANARY},le="0.5"}[2m])) / sum(rate(s_bucket{${CANARY},le="+Inf"}[2m]))`,
  `1 - sum(rate(s_bucket{${CANARY},le=~"1|1\\\\.0"}[2m])) / sum(rate(s_count{${CANARY}}[2m]))`,
  `sum(rate(s_bucket{${CANARY}}[2m]))`,
  `absent(x_total{${CANARY}})`,
  `vector(scalar(${ALL}))`,
  `topk(1, sum by (pod) (rate(x_total{${CANARY}}[2m])))`,
  `sum by (pod) (rate(x_total{${CANARY},code=~"5.."}[2m])) / on (pod) sum by (pod) (rate(x_total{${CANARY}}[2m]))`,
  `rate(x_total{${CANARY}}[2m]) / on (pod) group_left () sum by (pod) (rate(x_total{${CANARY}}[2m]))`,
];

/** Returns the series of a world in promtool's shorthand. At the tenth minute they have the values that the evaluator assumes. */
function seriesOf(query: string, world: World | undefined): readonly RuleSeries[] {
  const tree = parsePromql(query);
  if (isPromqlError(tree)) throw new Error(`${query}: ${tree.error}`);
  if (world === undefined) return [];
  const select = seriesIn(world, partsOf(tree));
  const lines = selectorsIn(tree).flatMap((selector) =>
    select(selector).map(({ labels, value }): [string, string] => {
      const named = Object.entries(labels).map(([name, label]) => `${name}="${label}"`);
      return [`${selector.metric}{${named.sort().join(',')}}`, `${(NOW_SECONDS - 600) * value}+${15 * value}x40`];
    }),
  );
  return [...new Map(lines)].map(([series, values]) => ({ series, values }));
}

describe.skipIf(isPrometheusMissing)('the result of a query', () => {
  it.each(Object.entries({ ...WORLDS, unscraped: undefined }))(
    'in the world %s is what Prometheus returns',
    async (name, world) => {
      const tests = QUERIES.map((query) => {
        const tree = parsePromql(query);
        if (isPromqlError(tree)) throw new Error(`${query}: ${tree.error}`);
        const answer = answerOf(tree, partsOf(tree), world);
        if (answer === undefined) throw new Error(`not known: ${query}`);
        const values = valuesIn(answer);
        const total = values.reduce((sum, value) => sum + value, 0);
        const isAsExpected = Number.isNaN(total)
          ? `sum(${query}) != bool sum(${query})`
          : Number.isFinite(total)
            ? `abs(sum(${query}) - ${total}) < bool ${1e-9 * Math.max(1, Math.abs(total))}`
            : `sum(${query}) == bool ${total > 0 ? '+Inf' : '-Inf'}`;
        return {
          name: `${name}: ${query}`,
          series: seriesOf(query, world),
          queries:
            values.length === 0
              ? [{ query, at: '10m', answers: [] }]
              : [
                  { query: `count(${query})`, at: '10m', answers: [values.length] },
                  { query: isAsExpected, at: '10m', answers: [1] },
                ],
        };
      });
      expect(await promtoolTestQueries(tests)).toEqual({ status: 0, said: expect.any(String) });
    },
  );
});
