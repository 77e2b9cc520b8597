import { manifestsFor, parseRelease, questionsOf, type ReleaseOptions } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { isPrometheusMissing, promtoolTestQueries, type RuleSeries } from '../support/prometheus.js';

const ARGO: ReleaseOptions = { name: 'shop', namespace: 'eu', router: 'nginx', recordingRules: 'argo' };
const FLAGGER: ReleaseOptions = { name: 'shop', namespace: 'eu', router: 'nginx', recordingRules: 'flagger' };

const CANARY_HASH = '7d9c4b8f6d';
const STABLE_HASH = '5f6c7d8b9c';

function labelsOf(pod: string, hash: string, role?: string): string {
  const labels = `namespace="eu",pod="${pod}",rollouts_pod_template_hash="${hash}"`;
  return role === undefined ? labels : `${labels},release_role="${role}"`;
}

const STABLE_POD = `shop-${STABLE_HASH}-x7k2p`;
const CANARY_POD = `shop-${CANARY_HASH}-q8h4z`;
const STABLE = labelsOf(STABLE_POD, STABLE_HASH, 'stable');
const CANARY = labelsOf(CANARY_POD, CANARY_HASH, 'canary');
const PRIMARY = labelsOf('shop-primary-6b8d9f7c5-w2n9r', '6b8d9f7c5');
const TARGET = labelsOf(CANARY_POD, CANARY_HASH);

/** Requests of a pod, one sample every 15 s for ten minutes; a share of them fails. */
function served(pod: string, perScrape: number, failing: number, active = 1): readonly RuleSeries[] {
  const route = `${pod},method="GET",route="/"`;
  return [
    { series: `http_requests_total{${route},status_code="200"}`, values: `0+${(1 - failing) * perScrape}x40` },
    { series: `http_requests_total{${route},status_code="500"}`, values: `0+${failing * perScrape}x40` },
    { series: `http_requests_failed_total{${route}}`, values: `0+${failing * perScrape}x40` },
    { series: `http_requests_timed_total{${route}}`, values: `0+${perScrape}x40` },
    { series: `http_requests_slow_total{${route}}`, values: `0+${0.01 * perScrape}x40` },
    { series: `http_requests_overdue{${pod}}`, values: '0x40' },
    { series: `coalmine_objective_latency_seconds{${pod}}`, values: '0.5x40' },
    { series: `coalmine_pod_ready_timestamp_seconds{${pod}}`, values: '10x40' },
    {
      series: `nodejs_eventloop_time_seconds_total{${pod},nodejs_eventloop_state="active"}`,
      values: `0+${active}x40`,
    },
    {
      series: `nodejs_eventloop_time_seconds_total{${pod},nodejs_eventloop_state="idle"}`,
      values: `0+${15 - active}x40`,
    },
  ];
}

const weight = (value: number, namespace = 'namespace="eu"'): RuleSeries => ({
  series: `flagger_canary_weight{workload="shop",${namespace}}`,
  values: `${value}x40`,
});

const RELEASES: readonly [name: string, failing: number, active: number][] = [
  ['a good one', 0, 1],
  ['one with failures', 0.1, 1],
  ['one that cannot keep up', 0, 14.9],
];

/** Returns the rule file of a release. */
function rulesOf(options: ReleaseOptions): object {
  return manifestsFor('rules', options)[0]?.objects[0] as object;
}

/** Returns the metrics that a controller measures, with their arguments filled in as the controller does. */
function askedBy(options: ReleaseOptions, controller = options.recordingRules): ReadonlyMap<string, string> {
  const filled = (query: string): string =>
    query
      .replaceAll('{{args.canary-hash}}', CANARY_HASH)
      .replaceAll('{{args.stable-hash}}', STABLE_HASH)
      .replaceAll('{{args.canary-weight}}', '20')
      .replaceAll('{{ namespace }}', 'eu')
      .replaceAll('{{ target }}', 'shop');
  if (controller === 'flagger') {
    const objects = manifestsFor('flagger', options).flatMap((file) => file.objects) as FlaggerObject[];
    return new Map(
      objects.flatMap(({ kind, metadata: { name }, spec }) =>
        kind === 'MetricTemplate' ? [[name.slice('shop-'.length), filled(spec.query)]] : [],
      ),
    );
  }
  const [gate] = (manifestsFor('argo', options)[0]?.objects ?? []) as ArgoTemplate[];
  const judged = gate?.spec.metrics.filter(({ name }) => !RECORDS.includes(name));
  return new Map(judged?.map(({ name, provider }) => [name, filled(provider.prometheus.query)]));
}

/** The metrics that decide nothing. */
const RECORDS: readonly string[] = ['counts', 'counts-since-start'];

interface FlaggerObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly query: string };
}

interface ArgoTemplate {
  readonly spec: {
    readonly metrics: readonly { readonly name: string; readonly provider: { prometheus: { query: string } } }[];
  };
}

/** Returns the output of promtool for the templates of a release: SUCCESS if all results are as expected. */
async function compared(
  options: ReleaseOptions,
  series: readonly RuleSeries[],
  expected: (metric: string, query: string) => Expected,
  rules: object | undefined = rulesOf(options),
): Promise<string> {
  const queries = [...askedBy(options)].map(([metric, query]) => expected(metric, query));
  expect(queries.length).toBeGreaterThan(14);
  return (await promtoolTestQueries([{ name: 'recorded', series, queries }], rules)).said;
}

interface Expected {
  readonly query: string;
  readonly answers: readonly number[];
  /** The samples of the series, in promtool's shorthand. */
  readonly at: string;
}

const NOTHING = (_: string, query: string): Expected => ({
  query: `count(${query})`,
  answers: [],
  at: '4m',
});

// Metrics that take the weight as an argument of the template.
const OF_WEIGHT: readonly string[] = ['arrival', 'users-refused'];

describe('templates on recording rules', () => {
  it('read one series each, because the arithmetic is in the rules', () => {
    for (const options of [ARGO, FLAGGER]) {
      const queries = [...askedBy(options)].filter(([name]) => !OF_WEIGHT.includes(name)).map(([, query]) => query);
      expect(Math.max(...queries.map((query) => query.split('\n').length))).toBe(2);
      for (const query of queries) expect(query).toMatch(/^coalmine:[a-z_]+:verdict\{namespace="eu",release="shop"/);
    }
  });

  it('count the requests on record without the rules', () => {
    const { recordingRules, ...alone } = ARGO;
    const [recorded, direct] = [ARGO, alone].map((options) => {
      const [gate] = (manifestsFor('argo', options)[0]?.objects ?? []) as ArgoTemplate[];
      return gate?.spec.metrics.filter(({ name }) => RECORDS.includes(name)).map(({ provider }) => provider);
    });
    expect(recorded).toHaveLength(2);
    expect(recorded).toEqual(direct);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['blue-green of Argo', () => parseRelease({ ...ARGO, strategy: 'blue-green' }), /recordingRules must be 'flagger'/],
    ['the other controller', () => manifestsFor('flagger', ARGO), /recordingRules must be 'flagger'/],
    [
      'an unknown controller',
      () => parseRelease({ ...ARGO, recordingRules: 'keel' as never }),
      /recordingRules must be/,
    ],
  ])('are refused for %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  it('tell Argo Rollouts and the scrape which role pods have', () => {
    const [, rollout] = manifestsFor('argo', ARGO);
    expect(rollout?.text).toContain('canaryMetadata:');
    const scrapes = (['pod-monitor', 'scrape-config'] as const).map((scrape) =>
      JSON.stringify(manifestsFor('prometheus', ARGO, scrape)[0]?.objects),
    );
    for (const scrape of scrapes) {
      expect(scrape).toContain('__meta_kubernetes_pod_label_release_role');
      expect(scrape).toContain('release_role');
    }
  });
});

describe.skipIf(isPrometheusMissing)('a template on recording rules', () => {
  describe.each([
    ['of Argo Rollouts', ARGO, CANARY, STABLE],
    ['of Flagger', FLAGGER, TARGET, PRIMARY],
  ])('%s', (_, options, canary, stable) => {
    const { recordingRules, ...alone } = options;
    const direct = askedBy(alone, recordingRules);

    it.each(RELEASES)('returns for %s what a plain template returns', async (_name, failing, active) => {
      const series = [...served(canary, 40, failing, active), ...served(stable, 400, 0), weight(20)];
      const said = await compared(options, series, (metric, query) => ({
        query: `round(sum(${query}), 0.000001) == bool on () round(sum(${direct.get(metric)}), 0.000001)`,
        answers: [1],
        at: '8m',
      }));
      expect(said).toContain('SUCCESS');
    });

    it('returns nothing while Prometheus has no such rules', async () => {
      const series = [...served(canary, 40, 0), ...served(stable, 400, 0), weight(20)];
      const said = await compared(options, series, ofNames(NOTHING, options), { groups: [] });
      expect(said).toContain('SUCCESS');
    });

    it('returns nothing for a canary that is not scraped', async () => {
      const said = await compared(options, [...served(stable, 400, 0), weight(20)], NOTHING);
      expect(said).toContain('SUCCESS');
    });
  });

  it.each([
    ['with honor_labels', 'namespace='],
    ['with the namespace of Flagger', 'namespace="flagger-system",exported_namespace='],
  ])('reads the weight of Flagger in its own namespace, from a scrape %s', async (_, label) => {
    const weights = [weight(10, `${label}"eu"`), weight(50, `${label}"us"`)];
    const series = [...served(TARGET, 40, 0), ...served(PRIMARY, 400, 0), ...weights];
    const { recordingRules: __, ...alone } = FLAGGER;
    const query = askedBy(alone, 'flagger').get('arrival') ?? '';
    const arrives = async (of: string) =>
      (await promtoolTestQueries([{ name: 'weights', series, queries: [{ query: of, answers: [1], at: '8m' }] }])).said;
    expect(await arrives(query)).toContain('SUCCESS');
    // The canary gets less than half of the weight in the other namespace.
    expect(await arrives(query.replace(/(flagger_canary_weight\{\w+=")eu/g, '$1us'))).not.toContain('SUCCESS');
  });

  it.each<[string, string, string]>([
    ['the canary has no role', labelsOf(CANARY_POD, CANARY_HASH), STABLE],
    ['stable has no role', CANARY, labelsOf(STABLE_POD, STABLE_HASH)],
    ['the canary still has the role of stable', labelsOf(CANARY_POD, CANARY_HASH, 'stable'), STABLE],
    ['the canary of the previous release still has the role', CANARY, labelsOf(STABLE_POD, STABLE_HASH, 'canary')],
    ['other pods have the roles', STABLE.replace('"stable"', '"canary"'), CANARY.replace('"canary"', '"stable"')],
  ])('returns nothing if %s', async (_, canary, stable) => {
    const series = [...served(canary, 40, 0), ...served(stable, 400, 0)];
    expect(await compared(ARGO, series, ofNames(NOTHING, ARGO))).toContain('SUCCESS');
  });

  it.each<[string, readonly RuleSeries[]]>([
    ['stable has no Coalmine yet', served(CANARY, 40, 0)],
    [
      'pods of an earlier release are still there',
      [
        ...served(CANARY, 40, 0),
        ...served(STABLE, 400, 0),
        ...served(labelsOf('shop-86fcb7d95f-c8w5t', '86fcb7d95f'), 40, 0),
      ],
    ],
  ])('returns a result if %s', async (_, series) => {
    const answered = (_metric: string, query: string): Expected => ({
      query: `count(${query})`,
      answers: [1],
      at: '4m',
    });
    expect(await compared(ARGO, series, ofNames(answered, ARGO))).toContain('SUCCESS');
  });

  it('has a rule for each question of the release, and no other', () => {
    const { groups } = rulesOf(ARGO) as { groups: { name: string; rules: { record?: string }[] }[] };
    const recorded = groups.find(({ name }) => name === 'shop-verdict')?.rules.map(({ record }) => record);
    const questions = questionsOf(parseRelease(ARGO), { canary: 'a="b"', stable: 'a="c"' });
    expect(recorded).toEqual(questions.map(({ name }) => `coalmine:${name.replaceAll('-', '_')}:verdict`));
  });
});

/** Returns an expectation for the metrics that read names. Metrics of Argo that take an argument are separate. */
function ofNames(expected: typeof NOTHING, { recordingRules }: ReleaseOptions): typeof NOTHING {
  return (metric, query) =>
    OF_WEIGHT.includes(metric) && recordingRules === 'argo'
      ? { query: `count(${query})`, answers: [1], at: '4m' }
      : expected(metric, query);
}
