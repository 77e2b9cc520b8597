import { createMetrics, type Metrics, renderRegistry } from '@coalmine/metrics';
import type { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { Exposition } from '../support/exposition.js';
import { rendered } from '../support/rendered.js';
import { samplesOf } from '../support/samples.js';
import { CLIENTS } from './clients.js';

describe.each(CLIENTS)("our rendering of a user's own metrics, made with $client", ({ prometheus }) => {
  let registry: Registry;
  let metrics: Metrics;

  beforeEach(() => {
    registry = new prometheus.Registry();
    metrics = createMetrics({ registry });
    metrics.record(metrics.route('GET', '/items/:id'), 200, 0.1);
  });

  /** Registers one metric of each kind, with its difficult cases. */
  function addMetrics(registers: Registry[]): void {
    const orders = new prometheus.Counter({
      name: 'orders_total',
      help: 'Orders, "quoted" \\ over\ntwo lines',
      labelNames: ['shop', 'paid'],
      registers,
    });
    orders.inc({ shop: 'a "b" \\ c\nd', paid: 1 }, 3);
    orders.inc({ shop: '} 7 # {', paid: 0 }, 0.5);
    new prometheus.Counter({ name: 'carts', help: 'A counter without the suffix', registers }).inc(2);
    const depth = new prometheus.Gauge({ name: 'depth', help: 'Depth', labelNames: ['end'], registers });
    depth.set({ end: 'up' }, Number.POSITIVE_INFINITY);
    depth.set({ end: 'none' }, Number.NaN);
    depth.set({ end: 'tiny' }, 1e-21);
    new prometheus.Gauge({
      name: 'collected',
      help: 'Read when asked',
      registers,
      async collect() {
        await new Promise((resolve) => setImmediate(resolve));
        this.set(42);
      },
    });
    const wait = new prometheus.Histogram({
      name: 'wait_seconds',
      help: 'Wait',
      labelNames: ['queue'],
      buckets: [0.1, 1, 2.5],
      registers,
    });
    for (const seconds of [0.05, 0.1, 0.3, 9]) wait.observe({ queue: 'mail' }, seconds);
    const size = new prometheus.Summary({
      name: 'size_bytes',
      help: 'Size',
      labelNames: ['kind'],
      percentiles: [0.5, 0.99],
      registers,
    });
    for (const bytes of [1, 2, 3]) size.observe({ kind: 'small' }, bytes);
  }

  it('holds the samples that the client itself writes', async () => {
    addMetrics([registry]);
    const theirs = samplesOf(await registry.metrics());
    expect(
      theirs.filter((sample) => /^(orders_total|carts|depth|collected|wait_seconds|size_bytes)/.test(sample)),
    ).toHaveLength(2 + 1 + 3 + 1 + 6 + 4);
    expect(samplesOf(await rendered(registry, 'text'))).toEqual(theirs);
  });

  it('holds the default labels of the registry as the client writes them', async () => {
    addMetrics([registry]);
    registry.setDefaultLabels({ region: 'north', shop: 'none' });
    expect(samplesOf(await rendered(registry, 'text'))).toEqual(samplesOf(await registry.metrics()));
  });

  it('holds types and help as the client writes them', async () => {
    addMetrics([registry]);
    const comments = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('#'));
    expect(comments(await rendered(registry, 'text'))).toEqual(comments(await registry.metrics()));
  });

  it('writes infinity and NaN as Prometheus reads them', async () => {
    const gauge = new prometheus.Gauge({ name: 'depth', help: 'Depth', labelNames: ['end'], registers: [registry] });
    gauge.set({ end: 'up' }, Number.POSITIVE_INFINITY);
    gauge.set({ end: 'down' }, Number.NEGATIVE_INFINITY);
    gauge.set({ end: 'none' }, Number.NaN);
    for (const format of ['text', 'openmetrics'] as const) {
      const lines = (await rendered(registry, format)).split('\n').filter((line) => line.startsWith('depth'));
      expect(lines).toEqual(['depth{end="up"} +Inf', 'depth{end="down"} -Inf', 'depth{end="none"} NaN']);
    }
  });

  it('is complete in OpenMetrics, too, with the end that the format requires', async () => {
    addMetrics([registry]);
    const text = await rendered(registry, 'openmetrics');
    expect(text.match(/# EOF/g)).toHaveLength(1);
    expect(text).toMatch(/\n# EOF\n$/);
    expect(text).not.toContain('\n\n');
    expect(text).toContain('\n# TYPE orders counter\n');
    expect(text).toContain('\n# HELP orders Orders, \\"quoted\\" \\\\ over\\ntwo lines\n');
    // Every OpenMetrics counter needs the suffix, and a sample must have the same name for every scraper.
    expect(text).toContain('\n# TYPE carts unknown\n');
    const ofTheirs = (samples: readonly string[]): string[] =>
      samples.filter((sample) => /^(orders|carts|depth|collected|wait_seconds|size_bytes)/.test(sample));
    expect(ofTheirs(samplesOf(text))).toEqual(ofTheirs(samplesOf(await registry.metrics())));
  });

  describe('in a registry that speaks OpenMetrics', () => {
    let theirs: Registry;
    beforeEach(() => {
      theirs = new prometheus.Registry();
      theirs.setContentType(prometheus.Registry.OPENMETRICS_CONTENT_TYPE as never);
    });

    it('keeps the exemplars of a histogram and a counter, in OpenMetrics alone', async () => {
      const registers = [theirs] as never[];
      const histogram = new prometheus.Histogram({
        name: 'wait_seconds',
        help: 'Wait',
        buckets: [0.1, 1],
        registers,
        enableExemplars: true,
      });
      histogram.observe({ value: 0.3, exemplarLabels: { trace_id: 'a "1"' } } as never);
      const counter = new prometheus.Counter({
        name: 'orders_total',
        help: 'Orders',
        registers,
        enableExemplars: true,
      });
      counter.inc({ value: 2, exemplarLabels: { trace_id: 'b' } } as never);
      createMetrics({ registry: theirs });

      const text = await rendered(theirs, 'openmetrics');
      expect(text).toMatch(/^wait_seconds_bucket\{le="1"\} 1 # \{trace_id="a \\"1\\""\} 0\.3 \d+(\.\d+)?$/m);
      expect(text).toMatch(/^wait_seconds_bucket\{le="0\.1"\} 0$/m);
      expect(text).toMatch(/^orders_total 2 # \{trace_id="b"\} 2 \d+(\.\d+)?$/m);
      expect(await rendered(theirs, 'text')).not.toContain('trace_id');
    });

    it('keeps the name of a counter, whether or not the client has rendered it before', async () => {
      new prometheus.Counter({ name: 'orders_total', help: 'Orders', registers: [theirs] as never[] }).inc(3);
      for (const format of ['text', 'openmetrics'] as const) {
        expect(new Exposition(await rendered(theirs, format)).value('orders_total')).toBe(3);
      }
      // The client removes the suffix of the counter permanently, and adds it again in its output.
      expect(await theirs.metrics()).toContain('\norders_total 3\n');
      for (const format of ['text', 'openmetrics'] as const) {
        expect(new Exposition(await rendered(theirs, format)).value('orders_total')).toBe(3);
      }
    });
  });

  it('leaves out a metric that throws, says so once, and serves the rest', async () => {
    addMetrics([registry]);
    new prometheus.Gauge({
      name: 'broken',
      help: 'Broken',
      registers: [registry],
      collect() {
        throw new Error('out of order');
      },
    });
    const warnings = await warningsDuring(async () => {
      for (const format of ['text', 'openmetrics', 'text'] as const) {
        const exposition = new Exposition(await rendered(registry, format));
        expect(exposition.text).not.toContain('broken');
        expect(exposition.value('collected')).toBe(42);
        expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 1 });
      }
    });
    expect(warnings).toMatchObject([
      { code: 'COALMINE_COLLECT_FAILED', message: expect.stringMatching(/broken.*out of order/) },
    ]);
  });

  it('leaves out a metric that never responds, says so once, and serves the rest', async () => {
    new prometheus.Gauge({
      name: 'stuck',
      help: 'Stuck',
      registers: [registry],
      collect: () => new Promise(() => {}),
    });
    addMetrics([registry]);
    const warnings = await warningsDuring(async () => {
      const exposition = new Exposition(await rendered(registry, 'text'));
      expect(exposition.text).not.toContain('stuck');
      expect(exposition.value('collected')).toBe(42);
      expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 1 });
    });
    expect(warnings).toMatchObject([
      { code: 'COALMINE_COLLECT_FAILED', message: expect.stringMatching(/stuck.*5000 ms/) },
    ]);
  });

  it('gives the event loop back many times while it renders tens of thousands of series', async () => {
    registry = new prometheus.Registry();
    addMetrics([registry]);
    metrics = createMetrics({ registry, maxRoutes: 3000 });
    for (let i = 0; i < 3000; i++) metrics.record(metrics.route('GET', `/route/${i}`), 200, 0.1);
    let text = '';
    const ours = await turnsDuring(async () => {
      for await (const slice of renderRegistry(registry, 'text')) text += slice;
    });
    expect(new Exposition(text).series().length).toBeGreaterThan(50_000);
    const theirs = await turnsDuring(() => registry.metrics());
    expect(ours).toBeGreaterThan(theirs + 5);
  });
});

/** Returns Coalmine's process warnings while `act` runs. */
async function warningsDuring(act: () => Promise<void>): Promise<readonly Error[]> {
  const warnings: Error[] = [];
  const note = (warning: Error): void => {
    if (warning.name === 'CoalmineWarning') warnings.push(warning);
  };
  process.on('warning', note);
  await act();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  return warnings;
}

/** Returns the number of turns of the event loop while `act` ran. */
async function turnsDuring(act: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await act();
  isOver = true;
  return turns;
}
