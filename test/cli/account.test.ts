import {
  type AnalysisResult,
  analyzeArgo,
  analyzeFlagger,
  createPastClock,
  type Explanation,
  explain,
  type KubernetesObject,
  manifestsFor,
  type ReleaseOptions,
  recordsOf,
  renderHtml,
  renderJson,
  renderTerminal,
} from '@coalmine/cli';
import { afterEach, describe, expect, it } from 'vitest';
import { isPrometheusMissing, startBackfilledPrometheus } from '../support/prometheus.js';

const SCRAPE = 15;
const SCRAPES = 60;
const END = Math.floor(Date.now() / 60_000 - 120) * 60;
const START = END - SCRAPES * SCRAPE;

/** The responses of a route in each scrape: its statuses, and how many responses are slow. */
interface Route {
  readonly route: string;
  readonly answers: Readonly<Record<string, number>>;
  readonly slow?: (scrape: number) => number;
}

interface Side {
  /** The labels of its pods. */
  readonly labels: string;
  readonly routes: readonly Route[];
  readonly objective?: number;
  /** For how many scrapes it has served until a scrape; by default for all of them. */
  readonly served?: (scrape: number) => number;
}

/** Returns the series of two sides that serve for fifteen minutes, as Coalmine counts them. */
function openMetrics(sides: readonly Side[]): string {
  const families: Record<string, string[]> = {};
  const add = (name: string, labels: string, values: (scrape: number) => number): void => {
    families[name] ??= [];
    for (let i = 0; i <= SCRAPES; i++) families[name].push(`${name}{${labels}} ${values(i)} ${START + i * SCRAPE}`);
  };
  for (const { labels, routes, objective = 0.5, served = (scrape: number) => scrape } of sides) {
    add('coalmine_objective_latency_seconds', labels, () => objective);
    add('coalmine_pod_ready_timestamp_seconds', labels, () => START);
    add('http_requests_overdue', labels, () => 0);
    for (const state of ['active', 'idle']) {
      add(
        'nodejs_eventloop_time_seconds_total',
        `${labels},nodejs_eventloop_state="${state}"`,
        (i) => i * SCRAPE * 0.5,
      );
    }
    for (const { route, answers, slow = () => 0 } of routes) {
      const of = `${labels},method="GET",route="${route}"`;
      const each = Object.entries({ 200: 0, 500: 0, 503: 0, 504: 0, ...answers });
      for (const [status, perScrape] of each) {
        add('http_requests_total', `${of},status_code="${status}"`, (i) => served(i) * perScrape);
      }
      const sum = (those: typeof each): number => those.reduce((total, [, perScrape]) => total + perScrape, 0);
      add('http_requests_timed_total', of, (i) => served(i) * sum(each));
      add('http_requests_failed_total', of, (i) => served(i) * sum(each.filter(([status]) => status >= '500')));
      let slowSoFar = 0;
      add('http_requests_slow_total', of, (i) => (slowSoFar += i === 0 ? 0 : slow(i)));
    }
  }
  const text = Object.entries(families).map(([name, lines]) => {
    const isCounter = name.endsWith('_total');
    return `# TYPE ${name.replace(/_total$/, '')} ${isCounter ? 'counter' : 'gauge'}\n${lines.join('\n')}\n`;
  });
  return `${text.join('')}# EOF\n`;
}

let prometheus: Awaited<ReturnType<typeof startBackfilledPrometheus>> | undefined;
afterEach(async () => {
  await prometheus?.close();
  prometheus = undefined;
});

const ITEMS: Route = { route: '/items/:id', answers: { 200: 60 } };
const WELL: readonly Route[] = [ITEMS, { route: '/login', answers: { 200: 20 } }];

const pods = (hash: string): string => `namespace="shop",pod="shop-${hash}-bcdfg",rollouts_pod_template_hash="${hash}"`;

/** Runs the generated gate over the series of the sides, from two minutes after their start. */
async function gated(
  canary: readonly Route[],
  stable: readonly Route[] | undefined,
  options: Partial<ReleaseOptions> = {},
  side: Partial<Side> = {},
): Promise<AnalysisResult> {
  const sides: readonly Side[] = [
    { labels: pods('fffff'), routes: canary, ...side },
    ...(stable === undefined ? [] : [{ labels: pods('55555'), routes: stable }]),
  ];
  prometheus = await startBackfilledPrometheus([openMetrics(sides)]);
  return await analyzeArgo({
    templates: [gateOf(options)],
    args: HASHES,
    prometheus: prometheus.address,
    clock: createPastClock(START + 120),
    cutAt: END,
  });
}

const HASHES = { 'canary-hash': 'fffff', 'stable-hash': '55555' };

function gateOf(options: Partial<ReleaseOptions> = {}): KubernetesObject {
  const files = manifestsFor('argo', { name: 'shop', namespace: 'shop', ...options });
  const templates = files.flatMap(({ objects }) => objects as KubernetesObject[]);
  return templates.find(({ metadata }) => metadata.name === 'shop-gate') as KubernetesObject;
}

/** Returns the AnalysisRun that Argo Rollouts would have recorded, with the last ten measurements of a metric. */
function recorded({ phase, message, startedAt, finishedAt, metrics }: AnalysisResult): object {
  const time = (at: number): string => new Date(1000 * Math.floor(at)).toISOString();
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name: 'shop-1', namespace: 'shop', ownerReferences: [{ kind: 'Rollout', name: 'shop' }] },
    spec: { ...gateOf().spec, args: Object.entries(HASHES).map(([name, value]) => ({ name, value })) },
    status: {
      phase,
      message,
      startedAt: time(startedAt),
      completedAt: time(finishedAt),
      metricResults: metrics.map(({ name, phase: ended, dryRun, measurements }) => ({
        name,
        phase: ended,
        ...(dryRun ? { dryRun } : {}),
        measurements: measurements.slice(-10).map((each) => ({
          finishedAt: time(each.at),
          phase: each.phase,
          value: `[${each.values.join(',')}]`,
        })),
      })),
    },
  };
}

async function explained(...items: readonly object[]): Promise<Explanation> {
  const [explanation] = await explain(recordsOf(JSON.stringify({ kind: 'List', items }), 'stdin'));
  return explanation as Explanation;
}

const PLAIN = { colour: false, unicode: true, width: 100 };

describe.skipIf(isPrometheusMissing)('an analysis in terms of requests', () => {
  it('says how many failed, what that proves, what is allowed, and what stable did', async () => {
    const result = await gated(
      [{ route: '/items/:id', answers: { 200: 54, 500: 6 } }],
      [{ route: '/items/:id', answers: { 200: 600 } }],
    );
    expect(result.verdict).toBe('rollback');
    const { words } = result.metrics.find(({ name }) => name === result.decidedBy) ?? {};
    expect(words).toBe(
      '48 of 480 requests failed in 2 min (10 %); at least 6 % is proven, 1 % is allowed, stable: 0 of 4,800',
    );
    const [head, second] = renderTerminal(result, PLAIN).split('\n');
    expect(head).toBe(`rollback: ${words}`);
    expect(second).toMatch(/^metric "error-ratio.*" assessed Failed due to failed \(2\) > failureLimit \(1\)/);
  });

  it('has the routes beside stable, the worst first', async () => {
    const canary = [
      ...WELL.slice(0, 1),
      { route: '/login', answers: { 200: 10, 401: 10 } },
      { route: '/slow', answers: { 200: 20 }, slow: () => 5 },
    ];
    const result = await gated(canary, [...WELL, { route: '/slow', answers: { 200: 20 } }]);
    expect(result.verdict).toBe('rollback');
    expect(result.account?.routes.map(({ route }) => route)).toEqual(['/login', '/slow', '/items/:id']);
    const turning = result.metrics.find(({ name }) => name === 'routes-turning-away')?.words;
    expect(turning).toMatch(/^GET \/login: \d+ of \d+ requests got 401 \(50 %\), stable: 0 of \d+$/);
    const text = renderTerminal(result, PLAIN);
    expect(text).toMatch(
      /Routes, canary \| stable, the worst first:\n +route .*\n +GET \/login .* 401 50 % \| -\n +GET \/slow .*25 % \| 0 %/,
    );
    expect(renderHtml(result)).toMatch(/<td>GET \/login<\/td>.*401 50 % \| -<\/td>/);
    expect((JSON.parse(renderJson(result)) as AnalysisResult).account?.routes[0]?.route).toBe('/login');
  });

  it('lists a route that the canary lost above all others, and a rare one in its place', async () => {
    const lost: Route = { route: '(unmatched)', answers: { 404: 20 } };
    const canary = [ITEMS, lost, { route: '/slow', answers: { 200: 20 }, slow: () => 5 }];
    const rare: Route = { route: '/rare', answers: { 200: 0.01 } };
    const result = await gated(canary, [...WELL, { route: '/slow', answers: { 200: 20 } }, rare]);
    expect(result.verdict).toBe('rollback');
    expect(result.account?.routes.map(({ route }) => route)).toEqual(['/login', '/slow', '/items/:id', '/rare']);
    const words = result.metrics.find(({ name }) => name === 'routes-lost')?.words;
    expect(words).toMatch(/^the canary does not serve GET \/login \([\d,]+ on stable\)/);
  });

  it('names a route whose clients leave before the response, and no route without a difference', async () => {
    const items: Route = { route: '/items/:id', answers: { 200: 57, 404: 3 } };
    const result = await gated([items, { route: '/login', answers: { 499: 20 } }], [items, ...WELL.slice(1)]);
    expect(result.verdict).toBe('pause');
    expect(result.decidedBy).toBe('routes-differing');
    expect(result.metrics.find(({ name }) => name === 'routes-differing')?.words).toMatch(
      /^GET \/login: (\d+) of \1 requests lost their client before the response \(499\) \(100 %\), stable: 0 of \d+$/,
    );
  });

  it('says where app and templates differ', async () => {
    const result = await gated(WELL, WELL, { objective: { latency: 0.3 } });
    expect(result.verdict).toBe('pause');
    const wordsOf = (metric: string): string | undefined => result.metrics.find(({ name }) => name === metric)?.words;
    expect(wordsOf('instrumentation')).toBe(
      'app and templates differ: the objective of the app is 0.5 s, the objective of the templates is 0.3 s',
    );
    expect(wordsOf('error-ratio')).toBe('not judged, because app and templates differ: see instrumentation');
  });

  it('says what stable did before the switch of a blue-green release', async () => {
    const SWITCH = 30;
    const logout: Route = { route: '/logout', answers: { 302: 10 } };
    const sides: readonly Side[] = [
      {
        labels: pods('fffff'),
        routes: [ITEMS, logout, { route: '/login', answers: { 200: 10, 401: 10 } }],
        served: (scrape) => Math.max(0, scrape - SWITCH),
      },
      { labels: pods('55555'), routes: [...WELL, logout], served: (scrape) => Math.min(scrape, SWITCH) },
    ];
    prometheus = await startBackfilledPrometheus([openMetrics(sides)]);
    const result = await analyzeArgo({
      templates: [gateOf({ strategy: 'blue-green' })],
      args: HASHES,
      prometheus: prometheus.address,
      clock: createPastClock(START + SWITCH * SCRAPE),
      cutAt: END,
    });
    expect(result.verdict).toBe('rollback');
    const [worst] = result.account?.routes ?? [];
    expect(worst).toMatchObject({ route: '/login', stable: { answers: {} } });
    expect(worst?.stable?.requests).toBeGreaterThan(100);
    const told = result.metrics.find(({ name }) => name === 'routes-turning-away');
    expect(told?.words).toMatch(/^GET \/login: .*stable: 0 of \d{3}/);
  });

  it('says that a canary is not there', async () => {
    const result = await gated([], WELL, {}, { labels: 'namespace="shop",rollouts_pod_template_hash="another"' });
    expect(result.verdict).toBe('pause');
    expect(renderTerminal(result, PLAIN)).toMatch(/^pause: Prometheus has no series of Coalmine from the canary/);
  });

  it('sums up a promoted release, and notes what a reader should know', async () => {
    const fading: Route = { ...ITEMS, slow: (i) => (i <= 10 ? 30 : 0) };
    const result = await gated([fading], undefined, { accept: ['GET /old 301'] });
    expect(result.verdict).toBe('promote');
    expect(renderTerminal(result, PLAIN)).toMatch(/^promote: canary: [\d,]+ requests, 0 % failed, [\d.]+ % slow\n/);
    expect(result.account?.notes).toEqual([
      'stable has no series of Coalmine: only its objectives judge the canary',
      'intended differences, which are not judged: GET /old 301',
      expect.stringMatching(
        /^slowness fades with the age of the pods: \d+ % .* a longer warmup\.minSeconds leaves the start out$/,
      ),
    ]);
  });

  it('works for a Canary of Flagger as well', async () => {
    const pods = (workload: string): string => `namespace="shop",pod="${workload}-bcd-bcdfg"`;
    prometheus = await startBackfilledPrometheus([
      openMetrics([
        { labels: pods('shop'), routes: [{ route: '/items/:id', answers: { 200: 30, 500: 30 } }] },
        { labels: pods('shop-primary'), routes: WELL },
      ]),
    ]);
    const objects = manifestsFor('flagger', { name: 'shop', namespace: 'shop' }).flatMap(
      (file) => file.objects as KubernetesObject[],
    );
    const result = await analyzeFlagger({
      canary: objects.find(({ kind }) => kind === 'Canary') as KubernetesObject,
      templates: objects,
      prometheus: prometheus.address,
      clock: createPastClock(START + 120),
      cutAt: END,
    });
    expect(result.verdict).toBe('rollback');
    expect(renderTerminal(result, PLAIN)).toMatch(
      /^rollback: [\d,]+ of [\d,]+ requests failed in 2 min \(50 %\); at least /,
    );
  });
});

describe.skipIf(isPrometheusMissing)('an AnalysisRun, explained without a Prometheus', () => {
  const half: Route = { route: '/items/:id', answers: { 200: 54, 500: 6 } };
  const valuesOf = ({ metrics }: AnalysisResult, name: string): readonly number[] | undefined =>
    metrics.find((metric) => metric.name === name)?.measurements.at(-1)?.values;

  it('reports the same requests as analyze, and in the same words if the template exists', async () => {
    const result = await gated([half], [{ route: '/items/:id', answers: { 200: 600 } }]);
    expect(valuesOf(result, 'counts')).toEqual([480, 48, 480, 0, 4800, 0, 4800, 0]);
    const [life = 0, lifeFailed] = valuesOf(result, 'counts-since-start') ?? [];
    expect([life > 480, lifeFailed]).toEqual([true, life / 10]);
    const run = recorded(result);
    const { words } = result.metrics.find(({ name }) => name === 'error-ratio') ?? {};
    expect(words).toMatch(/^48 of 480 requests failed in 2 min \(10 %\)/);
    const saysOf = ({ reasons }: Explanation): readonly string[] => reasons.map(({ says }) => says);
    expect(saysOf(await explained(run, gateOf()))).toContain(words);
    expect(saysOf(await explained(run))).toContainEqual(
      expect.stringMatching(
        /^48 of 480 requests failed in a window \(10 %\); what is proven is [\d.]+ times what is allowed, stable: 0 of 4,800$/,
      ),
    );
  });

  it('says nothing about stable if stable has no series', async () => {
    const result = await gated([half], undefined);
    expect(valuesOf(result, 'counts')).toEqual([480, 48, 480, 0, -1, -1, -1, -1]);
    const { summary } = await explained(recorded(result));
    expect(summary).toMatch(
      /48 of 480 requests failed in a window \(10 %\); what is proven is [\d.]+ times what is allowed$/,
    );
  });

  it('distinguishes a canary that is not scraped from one without requests', async () => {
    const result = await gated([], WELL, {}, { labels: 'namespace="shop",rollouts_pod_template_hash="another"' });
    expect(valuesOf(result, 'counts')?.slice(0, 5)).toEqual([-1, -1, -1, -1, 640]);
    expect((await explained(recorded(result))).summary).toContain(
      'the query returned nothing: Prometheus has no series',
    );
  });
});
