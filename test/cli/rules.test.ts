import { readFileSync } from 'node:fs';
import { manifestsFor, objectsIn } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { isPrometheusMissing, promtoolTestQueries, type RuleSeries } from '../support/prometheus.js';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const [written] = manifestsFor('rules', { name: 'shop', namespace: 'eu' })[0]?.objects ?? [];
const { groups } = written as { groups: { rules: Rule[] }[] };
const RULES = groups.flatMap(({ rules }) => rules);

const STABLE = 'namespace="eu",pod="shop-5f6c7d8b9c-x7k2p",rollouts_pod_template_hash="5f6c7d8b9c"';
const CANARY = 'namespace="eu",pod="shop-7d9c4b8f6d-q8h4z",rollouts_pod_template_hash="7d9c4b8f6d"';
const PRIMARY = 'namespace="eu",pod="shop-primary-6b8d9f7c5-w2n9r",rollouts_pod_template_hash="6b8d9f7c5"';
// Another service, whose name starts with the same letters.
const OTHER = 'namespace="eu",pod="shop-admin-7d9c4b8f6d-q8h4z",rollouts_pod_template_hash="8c7b6d5f4"';

/** Requests of a pod, one sample every 15 s for ten minutes: a fifth of them fail, half are slow. */
function served(pod: string, perScrape = 10): readonly RuleSeries[] {
  return [
    {
      series: `http_requests_total{${pod},method="GET",route="/",status_code="200"}`,
      values: `0+${0.8 * perScrape}x40`,
    },
    {
      series: `http_requests_total{${pod},method="GET",route="/",status_code="500"}`,
      values: `0+${0.2 * perScrape}x40`,
    },
    { series: `http_requests_failed_total{${pod},method="GET",route="/"}`, values: `0+${0.2 * perScrape}x40` },
    { series: `http_requests_timed_total{${pod},method="GET",route="/"}`, values: `0+${perScrape}x40` },
    { series: `http_requests_slow_total{${pod},method="GET",route="/"}`, values: `0+${0.5 * perScrape}x40` },
    { series: `coalmine_objective_latency_seconds{${pod}}`, values: '0.5x40' },
    { series: `http_request_duration_seconds_count{${pod}}`, values: `0+${perScrape}x40` },
    { series: `http_request_duration_seconds_bucket{${pod},le="0.5"}`, values: `0+${0.5 * perScrape}x40` },
    { series: `http_request_duration_seconds_bucket{${pod},le="+Inf"}`, values: `0+${perScrape}x40` },
    { series: `http_requests_overdue{${pod}}`, values: '0x40' },
    { series: `http_requests_in_flight{${pod}}`, values: '1x40' },
    { series: `coalmine_pod_warm{${pod}}`, values: '1x40' },
    { series: `coalmine_pod_ready_timestamp_seconds{${pod}}`, values: '0x40' },
    { series: `coalmine_excluded_requests_total{${pod},reason="health",code_class="2xx"}`, values: '0+90x40' },
    { series: `coalmine_excluded_requests_total{${pod},reason="signed",code_class="2xx"}`, values: '0+1x40' },
    { series: `coalmine_exclusion_claims_rejected_total{${pod},reason="signature"}`, values: '0x40' },
    { series: `coalmine_schema_state{${pod},source="prisma",state="compatible"}`, values: '1x40' },
    { series: `coalmine_schema_state{${pod},source="prisma",state="behind"}`, values: '0x40' },
    { series: `coalmine_series_dropped_total{${pod}}`, values: '0x40' },
  ];
}

/** Returns the results of queries at the tenth minute. */
async function ask(
  series: readonly RuleSeries[],
  queries: Readonly<Record<string, readonly number[]>>,
): Promise<string> {
  const asked = Object.entries(queries).map(([query, answers]) => ({ query, at: '10m', answers }));
  return (await promtoolTestQueries([{ name: 'rules', series, queries: asked }])).said;
}

describe.skipIf(isPrometheusMissing)('the recording rules', () => {
  const series = [...served(STABLE), ...served(CANARY), ...served(PRIMARY), ...served(OTHER)];

  it.each([
    ['coalmine:http_requests:rate2m', 0.667],
    ['coalmine:http_error_ratio:rate2m', 0.2],
    ['coalmine:http_slow_ratio:rate2m', 0.5],
  ])('%s has each release of the service, and no other service', async (name, value) => {
    const { expr = '' } = RULES.find(({ record }) => record === name) ?? {};
    const of = (hash: string): string => `round(sum((${expr}) and on(rollouts_pod_template_hash)
      label_replace(vector(1), "rollouts_pod_template_hash", "${hash}", "", "")), 0.001)`;
    const answers = Object.fromEntries(['5f6c7d8b9c', '7d9c4b8f6d', '6b8d9f7c5'].map((hash) => [of(hash), [value]]));
    expect(await ask(series, { ...answers, [`count(${expr})`]: [3] })).toContain('SUCCESS');
  });
});

describe.skipIf(isPrometheusMissing)('the alerts', () => {
  const at = (changes: Readonly<Record<string, string>>): readonly RuleSeries[] =>
    served(CANARY).map(({ series, values }) => {
      const [, changed] = Object.entries(changes).find(([part]) => series.includes(part)) ?? [];
      return { series, values: changed ?? values };
    });

  it.each<[string, readonly RuleSeries[]]>([
    ['CoalmineMuchExcluded', at({ 'reason="signed"': '0+20x40' })],
    ['CoalmineClaimsRejected', at({ claims_rejected: '0x38 1x1' })],
    ['CoalminePodStuckCold', at({ pod_warm: '0x40', ready_timestamp: '-60x40' })],
    ['CoalmineSchemaUnfit', at({ 'state="behind"': '1x40' })],
    ['CoalmineSeriesDropped', at({ series_dropped: '0x38 1x1' })],
    ['CoalmineNotScraped', served(OTHER)],
    [
      'CoalmineScrapedTwice',
      [...served(`${CANARY},job="pods"`), ...served(`${CANARY},job="annotated-pods"`), ...served(STABLE)],
    ],
    ['CoalmineRequestsOverdue', at({ requests_overdue: '3x40' })],
    [
      'CoalmineRoutesDiffer',
      [
        ...served(CANARY, 20),
        { series: `http_requests_total{${CANARY},method="GET",route="/",status_code="404"}`, values: '0+3x40' },
        ...served(PRIMARY, 100),
      ],
    ],
  ])('%s is raised by its cause, and not by a healthy service', async (name, series) => {
    const { expr = '' } = RULES.find(({ alert }) => alert === name) ?? {};
    expect(expr).not.toBe('');
    expect(await ask(series, { [`count(${expr})`]: [1] })).toContain('SUCCESS');
    const healthy = [...served(CANARY), ...served(STABLE), ...served(PRIMARY)];
    expect(await ask(healthy, { [`count(${expr})`]: [] })).toContain('SUCCESS');
  });

  it('each have a section in the runbook', () => {
    const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
    for (const { alert, annotations } of RULES.filter((rule) => rule.alert !== undefined)) {
      expect(runbook).toContain(`\n### ${alert}\n`);
      expect(annotations?.runbook_url).toMatch(new RegExp(`/docs/runbook\\.md#${alert?.toLowerCase()}$`));
    }
  });

  it('name the runbook at the URL of the options', () => {
    const [{ objects } = { objects: [] }] = manifestsFor('rules', {
      name: 'shop',
      runbook: 'https://wiki.invalid/shop',
    });
    expect(JSON.stringify(objects)).toContain('"runbook_url":"https://wiki.invalid/shop#coalminenotscraped"');
  });

  it('are all tested here, like the recording rules', () => {
    expect(RULES.filter(({ alert }) => alert !== undefined)).toHaveLength(9);
    expect(RULES.filter(({ record }) => record !== undefined)).toHaveLength(3);
  });
});

describe.skipIf(isPrometheusMissing)('the template of a preview', () => {
  const [analysis] = manifestsFor('argo', { name: 'shop', namespace: 'eu', strategy: 'blue-green' });
  const template = objectsIn(analysis?.text ?? '', 'analysis.yaml').find(
    ({ metadata }) => metadata.name === 'shop-preview',
  );
  const metrics = template?.spec.metrics as {
    name: string;
    successCondition?: string;
    provider: { prometheus: { query: string } };
  }[];
  const query = (metric: string): string =>
    (metrics.find(({ name }) => name === metric)?.provider.prometheus.query ?? '')
      .replaceAll('{{args.canary-hash}}', '7d9c4b8f6d')
      .replaceAll('{{args.stable-hash}}', '5f6c7d8b9c');

  it('rolls back for one failure among the few requests of a smoke test', async () => {
    const series = served(CANARY).map(({ series, values }) => ({
      series,
      values: /status_code="500"|failed_total/.test(series)
        ? '0x36 1x3'
        : /status_code="200"/.test(series)
          ? '0x36 4x3'
          : values,
    }));
    const condemned = {
      [`(${query('error-ratio')}) > bool 1`]: [1],
      [`(${query('error-ratio-since-start')}) > bool 1`]: [1],
    };
    expect(await ask(series, condemned)).toContain('SUCCESS');
  });

  it('passes if there are no requests', async () => {
    // A gauge counts nothing, so it keeps its values.
    const silent = served(CANARY).map(({ series, values }) => ({
      series,
      values: /_total|_count|_bucket/.test(series) ? '0x40' : values,
    }));
    // Metrics that are only recorded decide nothing.
    const deciding = metrics.filter(({ successCondition }) => successCondition !== 'true');
    const answers = Object.fromEntries(deciding.map(({ name }) => [query(name), [0]]));
    expect(await ask(silent, answers)).toContain('SUCCESS');
  });
});
