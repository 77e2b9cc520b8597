import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type AnalysisResult,
  analyzeArgo,
  analyzeFlagger,
  createPastClock,
  type KubernetesObject,
  manifestsFor,
  objectsIn,
  renderHtml,
  renderJson,
  renderTerminal,
  type Trace,
} from '@coalmine/cli';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/client.js';
import { isPrometheusMissing, startWatchingPrometheus, type WatchingPrometheus } from '../support/prometheus.js';
import { type ScriptedPrometheus, startScriptedPrometheus } from '../support/scripted-prometheus.js';
import { type Served, type Shown, startTracedPod, type TracedPod } from './traced-pod.js';

// The command as users install it. `npm test` has built it.
const BIN = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));
const CANARY = { namespace: 'default', pod: 'shop-7d9c4b8f6d-x2x4z', rollouts_pod_template_hash: '7d9c4b8f6d' };
const STABLE = { namespace: 'default', pod: 'shop-primary-5f6c7d8b9c-b2b4z', rollouts_pod_template_hash: '5f6c7d8b9c' };
const ARGS = { 'canary-hash': '7d9c4b8f6d', 'stable-hash': '5f6c7d8b9c' };
const FAST = { scrapeSeconds: 1, windowSeconds: 4, lookbackSeconds: 10, intervalSeconds: 1 };

/** All bad requests that one series showed, newest first. */
function idsOf(shown: readonly Shown[], isBad: (request: Served) => boolean): readonly string[] {
  return [...shown]
    .filter(isBad)
    .sort((a, b) => b.at - a.at)
    .map(({ traceId }) => traceId);
}

function tracesOf(result: AnalysisResult, name: string): readonly Trace[] {
  return result.metrics.find((metric) => metric.name === name)?.traces ?? [];
}

function gateOf(options: object = {}): readonly KubernetesObject[] {
  const [analysis] = manifestsFor('argo', { name: 'shop', analysis: FAST, ...options });
  return objectsIn(analysis?.text ?? '', 'analysis.yaml').filter(({ metadata }) => metadata.name === 'shop-gate');
}

function template(query: string): KubernetesObject {
  return {
    kind: 'AnalysisTemplate',
    metadata: { name: 'gate' },
    spec: {
      args: [{ name: 'canary-hash' }],
      metrics: [{ name: 'errors', successCondition: 'result[0] < 1', provider: { prometheus: { query } } }],
    },
  };
}

const FAILED = 'sum(http_requests_total{rollouts_pod_template_hash="{{args.canary-hash}}",status_code=~"5.."})';

describe.skipIf(isPrometheusMissing)('the traces of a bad canary', () => {
  let keeping: WatchingPrometheus;
  let [canary, stable]: TracedPod[] = [];
  // A run starts when its first measurement can look back on all of its spans.
  let [begunAt, endedAt] = [0, 0];

  beforeAll(async () => {
    keeping = await startWatchingPrometheus('--enable-feature=exemplar-storage');
    [canary, stable] = await Promise.all([startTracedPod('trace_id', 20), startTracedPod('traceID', 0)]);
    await point(keeping);
    while (canary?.shown('counter').length === 0) {
      serve(canary, { status: 200, seconds: 0.05 });
      await delay(50);
    }
    const startedAt = Date.now() / 1000;
    begunAt = startedAt + 12;
    // A fifth of the canary's requests fail, hang or are slow, and a smaller share of stable's.
    for (let i = 0; Date.now() / 1000 < startedAt + 22; i += 1) {
      for (const status of [200, 200, 500, 504] as const) serve(canary, { status, seconds: status === 504 ? 2 : 0.05 });
      serve(canary, { status: 200, seconds: 0.8 });
      for (let k = 0; k < 20; k += 1) serve(stable, { status: 200, seconds: 0.05 });
      if (i % 20 === 0) for (const seconds of [0.05, 0.8]) serve(stable, { status: 500, seconds });
      await delay(50);
    }
    endedAt = Date.now() / 1000;
    const scraped = async (): Promise<number> => (await keeping.query(`timestamp(up) > ${endedAt}`)).length;
    await until(async () => (await scraped()) === 2, 'a scrape of the last requests');
  });
  afterAll(async () => {
    await Promise.all([canary?.close(), stable?.close(), keeping?.close()]);
  });

  async function point({ targets }: WatchingPrometheus): Promise<void> {
    const groups = [
      { targets: [`127.0.0.1:${canary?.port}`], labels: CANARY },
      { targets: [`127.0.0.1:${stable?.port}`], labels: STABLE },
    ];
    await writeFile(join(targets, 'pods.json'), JSON.stringify(groups));
  }

  function serve(pod: TracedPod | undefined, request: Omit<Served, 'traceId'>): void {
    pod?.serve({ ...request, traceId: randomBytes(16).toString('hex') });
  }

  /** Returns the requests that a metric can have seen: between its first second and its last measurement. */
  function within(shown: readonly Shown[] | undefined, from: number, to: number): readonly Shown[] {
    return (shown ?? []).filter(({ at }) => at >= from && at <= to);
  }

  const byArgo = (options: Partial<Parameters<typeof analyzeArgo>[0]> = {}): Promise<AnalysisResult> =>
    analyzeArgo({
      templates: gateOf(),
      args: ARGS,
      prometheus: keeping.address,
      clock: createPastClock(begunAt),
      traces: { most: 1000 },
      ...options,
    });

  it('are only from its failed and its slow requests with the generated template', async () => {
    const result = await byArgo();
    expect(result.verdict).toBe('rollback');
    const errors = result.metrics.find(({ name }) => name === 'error-ratio');
    const firstBad = errors?.measurements.find(({ phase }) => phase === 'Failed')?.at ?? 0;
    const last = errors?.measurements.at(-1)?.at ?? 0;
    const shown = (series: 'counter' | 'failed' | 'slow'): readonly Shown[] =>
      within(canary?.shown(series), firstBad - 4, last);

    const failed = idsOf(shown('failed'), () => true);
    expect(failed.length).toBeGreaterThan(4);
    expect(tracesOf(result, 'error-ratio').map(({ traceId }) => traceId)).toEqual(failed);
    const slow = idsOf(shown('slow'), () => true);
    expect(slow.length).toBeGreaterThan(4);
    expect(tracesOf(result, 'slow-ratio').map(({ traceId }) => traceId)).toEqual(slow);
    const hung = idsOf(shown('counter'), ({ status }) => status === 504);
    expect(tracesOf(result, 'hangs').map(({ traceId }) => traceId)).toEqual(hung);
    expect(result.metrics.find(({ name }) => name === 'hangs')?.tracesNote).toContain('ended as 504');
    for (const { name, phase, traces } of result.metrics)
      expect({ name, phase, has: traces !== undefined }).toEqual({ name, phase, has: phase === 'Failed' });

    expect(tracesOf(result, 'error-ratio')[0]).toEqual({
      traceId: failed[0],
      spanId: '00f067aa0ba902b7',
      at: expect.closeTo(shown('failed').find(({ traceId }) => traceId === failed[0])?.at ?? 0, 2),
      value: 1,
      labels: {
        instance: `127.0.0.1:${canary?.port}`,
        job: 'pods',
        method: 'GET',
        pod: CANARY.pod,
        route: '/',
      },
    });
  });

  it('reach back to before the analysis if a counter is read since its start', async () => {
    const { metrics } = await byArgo({
      templates: gateOf({ analysis: { ...FAST, compareWithStable: false } }),
      args: { 'canary-hash': ARGS['canary-hash'] },
    });
    const since = metrics.find(({ name }) => name === 'error-ratio-since-start');
    const failed = idsOf(within(canary?.shown('failed'), begunAt - 4, since?.measurements.at(-1)?.at ?? 0), () => true);
    expect(since?.traces?.map(({ traceId }) => traceId)).toEqual(failed);
  });

  it('are the newest of many, with links if there is a URL', async () => {
    const all = tracesOf(await byArgo(), 'error-ratio');
    const result = await byArgo({ traces: { most: 3, url: 'http://jaeger.invalid/trace/{trace_id}?a="b"' } });
    const traces = tracesOf(result, 'error-ratio');
    expect(traces.map(({ traceId }) => traceId)).toEqual(all.slice(0, 3).map(({ traceId }) => traceId));
    const [{ traceId, url } = { traceId: '', url: '' }] = traces;
    expect(url).toBe(`http://jaeger.invalid/trace/${traceId}?a="b"`);

    const text = renderTerminal(result, { colour: false, unicode: true, width: 80 });
    expect(text).toMatch(
      new RegExp(`traces of bad requests, newest first:\\n {4}\\S+Z {2}http://jaeger.invalid/trace/${traceId}`),
    );
    expect(renderHtml(result)).toContain(
      `<a href="http://jaeger.invalid/trace/${traceId}?a=&quot;b&quot;"><code>${traceId}</code></a>`,
    );
    expect(tracesOf(JSON.parse(renderJson(result)) as AnalysisResult, 'error-ratio')).toEqual(traces);
  });

  it.each<[readonly string[], number]>([
    [['--exemplars'], 10],
    [['--exemplars', '3'], 3],
    [['--trace-url', 'https://traces.invalid/{trace_id}'], 10],
    [['--trace-url', 'https://traces.invalid/{trace_id}', '--exemplars', '3'], 3],
  ])('are found by one command with %j', async (flags, most) => {
    const folder = await mkdtemp(join(tmpdir(), 'coalmine-exemplars-'));
    const file = join(folder, 'analysis.yaml');
    await writeFile(file, manifestsFor('argo', { name: 'shop', analysis: FAST })[0]?.text ?? '');
    const args = Object.entries(ARGS).flatMap(([name, value]) => ['-a', `${name}=${value}`]);
    const from = ['--from', begunAt.toFixed(3), '-p', keeping.address];
    const { status, stdout } = await new Promise<{ status: unknown; stdout: string }>((resolve) => {
      execFile(
        process.execPath,
        [BIN, 'analyze', '-f', file, '-t', 'shop-gate', ...args, ...from, ...flags],
        (error, text) => resolve({ status: error?.code, stdout: text }),
      );
    });
    await rm(folder, { recursive: true });
    expect(status).toBe(1);
    const [, lines = ''] =
      /error-ratio\n[\s\S]*?traces of bad requests, newest first:\n((?: {4}.*\n)*)/.exec(stdout) ?? [];
    const ids = [...lines.matchAll(/Z {2}(\S+)/g)].map(([, id]) => id?.replace('https://traces.invalid/', ''));
    const all = tracesOf(await byArgo(), 'error-ratio').map(({ traceId }) => traceId);
    expect(ids).toEqual(all.slice(0, most));
  });

  it('are from the target of Flagger, not from its primary', async () => {
    const objects = manifestsFor('flagger', { name: 'shop', analysis: FAST }).flatMap(({ text }) =>
      objectsIn(text, 'flagger.yaml'),
    );
    const found = objects.find(({ kind }) => kind === 'Canary') as KubernetesObject;
    const object = {
      ...found,
      spec: { ...found.spec, analysis: { ...(found.spec.analysis as object), threshold: 1 } },
    };
    // The first check of Flagger comes after an interval, which is at least 10 s.
    const result = await analyzeFlagger({
      canary: object,
      templates: objects,
      prometheus: keeping.address,
      clock: createPastClock(endedAt - 10),
      traces: { most: 1000 },
    });
    expect(result.verdict).toBe('rollback');
    const at = result.metrics[0]?.measurements.at(-1)?.at ?? 0;
    const failed = idsOf(within(canary?.shown('failed'), at - 4, at), () => true);
    expect(failed.length).toBeGreaterThan(2);
    expect(tracesOf(result, 'error-ratio').map(({ traceId }) => traceId)).toEqual(failed);
  });

  it.each([
    ['names no side, by its labels alone', 'sum(increase(http_requests_total{status_code=~"5.."}[4s]))'],
    ['asks for successes', 'sum(increase(http_requests_total{status_code!~"5.*"}[4s])) / 2'],
  ])('leave stable out if the query %s', async (_, query) => {
    const args = { 'canary-hash': ARGS['canary-hash'], 'stable-hash': ARGS['stable-hash'] };
    const plainTemplate = template(query);
    const templates = [
      { ...plainTemplate, spec: { ...plainTemplate.spec, args: Object.keys(args).map((name) => ({ name })) } },
    ];
    const result = await byArgo({ templates, args, clock: createPastClock(endedAt) });
    const at = result.metrics[0]?.measurements[0]?.at ?? 0;
    expect(tracesOf(result, 'errors').map(({ traceId }) => traceId)).toEqual(
      idsOf(within(canary?.shown('counter'), at - 4, at), ({ status }) => status >= 500),
    );
  });

  it('are absent if Prometheus keeps none, with a line about what is needed', async () => {
    const plain = await startWatchingPrometheus();
    try {
      await point(plain);
      const ask = (): Promise<AnalysisResult> =>
        byArgo({
          templates: [template(FAILED)],
          args: { 'canary-hash': ARGS['canary-hash'] },
          prometheus: plain.address,
          clock: createPastClock(Date.now() / 1000),
        });
      let result = await ask();
      // Before its first scrape Prometheus returns nothing, which is an error for Argo.
      for (const deadline = Date.now() + 100_000; result.phase === 'Error' && Date.now() < deadline; ) {
        await delay(100);
        result = await ask();
      }
      expect(result).toMatchObject({ verdict: 'rollback', phase: 'Failed', metrics: [{ traces: [] }] });
      expect(result.metrics[0]?.tracesNote).toMatch(/no exemplars.*--enable-feature=exemplar-storage/);
    } finally {
      await plain.close();
    }
  });

  it('are not shown for a good release', async () => {
    const result = await byArgo({ templates: [template('vector(0)')], args: { 'canary-hash': 'x' } });
    expect(result).toMatchObject({ verdict: 'promote', tracesNote: 'nothing to trace: the verdict is promote' });
    expect(renderTerminal(result, { colour: false, unicode: true, width: 80 })).toContain('nothing to trace');
    expect(result.metrics[0]).not.toHaveProperty('traces');
  });
});

describe('the traces of a failed metric', () => {
  let prometheus: ScriptedPrometheus | undefined;
  afterEach(async () => {
    await prometheus?.close();
  });

  /** Returns a failed analysis whose query for exemplars gets this response. */
  async function run(exemplars: object): Promise<AnalysisResult> {
    const reply = exemplars as { readonly error: string };
    prometheus = await startScriptedPrometheus((query) => (query.startsWith('sum') ? [5] : reply));
    return analyzeArgo({
      templates: [template(FAILED)],
      args: { 'canary-hash': 'x' },
      prometheus: prometheus.address,
      clock: createPastClock(1000),
      traces: {},
    });
  }

  const series = (...labels: readonly object[]): object => ({
    data: [
      {
        seriesLabels: { __name__: 'http_requests_total', status_code: '500' },
        exemplars: labels.map((each, i) => ({ labels: each, value: '1', timestamp: 990 + i })),
      },
    ],
  });

  it.each<[string, object, RegExp]>([
    [
      'an error',
      { error: 'unknown path', status: 404 },
      /no exemplars could be read: execution: unknown path.*--enable-feature/,
    ],
    ['nothing', { data: [] }, /no exemplars in that time/],
    ['exemplars without a trace', series({ user: 'x' }), /none of 1 exemplars has a label trace_id/],
  ])('leave the verdict unchanged if the query for exemplars returns %s', async (_, exemplars, note) => {
    const result = await run(exemplars);
    expect(result).toMatchObject({ verdict: 'rollback', metrics: [{ phase: 'Failed', traces: [] }] });
    expect(result.metrics[0]?.tracesNote).toMatch(note);
  });

  it('are found by every spelling of their label, each once, ten at most', async () => {
    const spelt = ['trace_id', 'traceID', 'TraceID', 'traceId'].map((label, i) => ({ [label]: String(i) }));
    const spellings = await run(series(...spelt, { trace_id: '0' }));
    expect(tracesOf(spellings, 'errors').map(({ traceId, at }) => [traceId, at])).toEqual([
      ['0', 994],
      ['3', 993],
      ['2', 992],
      ['1', 991],
    ]);
    await prometheus?.close();
    const many = await run(series(...Array.from({ length: 30 }, (_, i) => ({ trace_id: String(i) }))));
    expect(tracesOf(many, 'errors')).toHaveLength(10);
  });
});
