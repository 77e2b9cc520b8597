import { describe, expect, it } from 'vitest';
import { questionsOf } from '../../queries/queries.js';
import { parseRelease } from '../../release/release.js';
import { planOf } from './plan.js';
import { sidesOfArguments, sidesOfTarget } from './sides.js';

const HASHES = sidesOfArguments(
  new Map([
    ['canary-hash', '7d9c4b8f6d'],
    ['stable-hash', '5f6c7d8b9c'],
  ]),
);
const CANARY = 'namespace="default",rollouts_pod_template_hash="7d9c4b8f6d"';
const STABLE = 'namespace="default",rollouts_pod_template_hash="5f6c7d8b9c"';

function asked(query: string, sides = HASHES): readonly string[] | string {
  const plan = planOf(query, sides);
  if (typeof plan === 'string') return plan;
  return plan.asked.map(({ selector, above, status, isByValue }) =>
    [
      selector,
      ...(above === undefined ? [] : [`> ${above}`]),
      ...(status === undefined ? [] : [`of ${status}`]),
      ...(isByValue ? ['the greatest'] : []),
    ].join(' '),
  );
}

describe('the query for exemplars of a generated query', () => {
  const plansOf = (options: object): Record<string, readonly string[] | string> =>
    Object.fromEntries(
      questionsOf(parseRelease({ name: 'shop', ...options }), { canary: CANARY, stable: STABLE }).map(
        ({ name, query }) => [name, asked(query)],
      ),
    );

  it('selects the failed or slow requests of the canary, and nothing of stable', () => {
    const [failed, slow] = ['failed', 'slow'].map((what) => [`http_requests_${what}_total{${CANARY}}`]);
    const noRoute = '[(]overflow[)]|[(]unmatched[)]';
    const known = `route!~"${noRoute}|.*[*].*"`;
    const ofRoutes = (what: string): readonly string[] => [
      `http_requests_${what}_total{${CANARY},route!~"${noRoute}"}`,
    ];
    const requests = (matchers: string): string => `http_requests_total{${CANARY},${matchers}}`;
    const answers = (classes: string): readonly string[] => [
      requests(`${known},status_code=~"${classes}",status_code!~"304|499"`),
      requests('route=~".*[*].*",status_code=~"[34]..",status_code!~"304|499"'),
    ];
    const compared = 'status_code=~"[34]..|20[245]",status_code!~"404|304|499"';
    const none = 'its query does not tell failed requests from others';
    const gauge = 'a gauge or a recorded series has no exemplars, and its query reads no failed requests';
    expect(plansOf({})).toEqual({
      instrumentation: 'its query reads no series of the canary',
      'error-ratio': failed,
      'error-ratio-since-start': failed,
      'slow-ratio': slow,
      'slow-ratio-since-start': slow,
      hangs: [`http_requests_total{${CANARY},route!=""} of 504`],
      'routes-failing': ofRoutes('failed'),
      'routes-slow': ofRoutes('slow'),
      'routes-turning-away': answers('[34]..'),
      'routes-lost': [
        requests('status_code="404"'),
        requests('route=~"[(]unmatched[)]|.*[*].*",status_code=~"4..",status_code!="499"'),
        requests(`${known},status_code=~"4..",status_code!="499"`),
      ],
      'routes-differing': [
        answers('[34]..|20[245]')[0],
        requests(`${known},status_code="499"`),
        answers('[34]..|20[245]')[1],
        requests(`${known},status_code=~"[34]..",status_code!~"304|499"`),
      ],
      'unmatched-differing': [
        requests(`route=~"[(]unmatched[)]|.*[*].*",${compared}`),
        requests(`${known},${compared}`),
        `http_requests_failed_total{${CANARY},${known}}`,
        `http_requests_slow_total{${CANARY},${known}}`,
        requests('status_code="404"'),
      ],
      saturation: gauge,
      restarts: gauge,
      unscraped: gauge,
      'schema-state': gauge,
      'shared-errors': failed,
      'shared-slowness': slow,
      traffic: none,
    });
  });

  it('uses mapped names, and the names of OpenTelemetry', () => {
    const plans = plansOf({ names: { failed: 'shop_failures_total', slow: 'shop_slow_total' } });
    expect([plans['error-ratio'], plans['slow-ratio']]).toEqual([
      [`shop_failures_total{${CANARY}}`],
      [`shop_slow_total{${CANARY}}`],
    ]);
    const { hangs, ...otel } = plansOf({ names: 'otel' });
    expect(otel['error-ratio']).toEqual([`http_server_failed_requests_total{${CANARY}}`]);
    expect(otel['slow-ratio']).toEqual([`http_server_slow_requests_total{${CANARY}}`]);
    expect(hangs).toEqual([`http_server_requests_total{${CANARY},http_route!=""} of 504`]);
  });

  it('looks back as far as the query does, or to before the analysis if the query covers a whole life', () => {
    const questions = questionsOf(parseRelease({ name: 'shop' }), { canary: CANARY, stable: STABLE });
    const looks = ['error-ratio', 'error-ratio-since-start'].map((name) => {
      const plan = planOf(questions.find((question) => question.name === name)?.query ?? '', HASHES);
      return typeof plan === 'string' ? plan : [plan.lookbackSeconds, plan.asked[0]?.isSinceStart];
    });
    expect(looks).toEqual([
      [120, false],
      [120, true],
    ]);
  });
});

describe('the query for exemplars of a query of another template', () => {
  it.each<[string, string, readonly string[] | string]>([
    [
      'a share of successes',
      'sum(irate(istio_requests_total{app="shop",response_code!~"5.*"}[5m])) / sum(irate(istio_requests_total{app="shop"}[5m]))',
      ['istio_requests_total{app="shop",response_code=~"5.*"}'],
    ],
    [
      'the successes of a histogram, which has its exemplars in the buckets',
      'sum(rate(x_seconds_count{status!~"5.*"}[1m])) / sum(rate(x_seconds_count[1m])) * 100',
      ['x_seconds_bucket{status=~"5.*"}'],
    ],
    [
      'failures over failures and successes',
      'rate(x_total{code=~"5.."}[1m]) / (rate(x_total{code=~"5.."}[1m]) + rate(x_total{code=~"2.."}[1m]))',
      ['x_total{code=~"5.."}'],
    ],
    [
      'words for outcomes',
      'rate(response_total{classification!="failure"}[1m])',
      ['response_total{classification="failure"}'],
    ],
    ['a counter of errors', 'rate(http_errors_total[1m]) / rate(http_requests_total[1m])', ['http_errors_total{}']],
    [
      'a denominator that leaves missing pages out',
      'rate(x_total{code=~"5..",code!="501"}[1m]) / rate(x_total{code!="404"}[1m])',
      ['x_total{code=~"5..",code!="501"}'],
    ],
    [
      'a quantile',
      'histogram_quantile(0.99, sum by (le) (rate(x_bucket{app="shop"}[1m])))',
      ['x_bucket{app="shop"} the greatest'],
    ],
    [
      'pods by a pattern with the hash in it',
      'rate(x_total{pod=~"shop-7d9c4b8f6d-.*",code="500"}[1m]) > rate(x_total{pod=~"shop-5f6c7d8b9c-.*",code="500"}[1m])',
      ['x_total{pod=~"shop-7d9c4b8f6d-.*",code="500"}'],
    ],
    [
      'a comparison with a hash that is written out',
      'rate(x_total{hash="7d9c4b8f6d",code="500"}[1m]) > rate(x_total{hash="live",code="500"}[1m])',
      ['x_total{hash="7d9c4b8f6d",code="500"}'],
    ],
    ['stable alone', 'rate(x_total{hash="5f6c7d8b9c",code="500"}[1m])', 'its query reads no series of the canary'],
    ['every request', 'rate(x_total[1m])', 'its query does not tell failed requests from others'],
    [
      'the greatest bound alone',
      'rate(x_bucket{le="+Inf"}[1m])',
      'its query does not tell failed requests from others',
    ],
    ['no PromQL', 'SELECT 1', 'its query is not PromQL'],
  ])('%s', (_, query, wanted) => {
    expect(asked(query)).toEqual(wanted);
  });

  it('selects the target of Flagger, not the primary', () => {
    const pods = (of: string): string => `x_total{pod=~"${of}-[bcdf]+-[bcdf]{5}",code=~"5.."}`;
    const query = `sum(rate(${pods('shop')}[1m])) / sum(rate(${pods('shop-primary')}[1m]))`;
    expect(asked(query, sidesOfTarget('shop'))).toEqual([pods('shop')]);
  });

  it('is absent if two arguments contradict each other and neither names its side', () => {
    const sides = sidesOfArguments(
      new Map([
        ['a', 'x'],
        ['b', 'y'],
      ]),
    );
    expect(asked('rate(x_total{hash="x",code="500"}[1m]) / rate(x_total{hash="y",code="500"}[1m])', sides)).toBe(
      'no argument has a name (canary-…, stable-…) that says which side is the canary: hash="x" or "y"',
    );
  });

  it('recognizes a canary whose name begins like the name of stable', () => {
    const sides = sidesOfArguments(
      new Map([
        ['canary-service', 'shop-canary'],
        ['stable-service', 'shop'],
      ]),
    );
    const of = (service: string): string => `x_total{app="shop",service="${service}",code="500"}`;
    expect(asked(`rate(${of('shop-canary')}[1m]) / rate(${of('shop')}[1m])`, sides)).toEqual([of('shop-canary')]);
  });
});
