import { describe, expect, it } from 'vitest';
import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import type { Measurement } from '../controllers/verdict.js';
import { renderHtml } from './html.js';
import { renderJson } from './json.js';
import { renderMeasurement, renderTerminal } from './terminal.js';

const measured = (at: number, phase: Measurement['phase'], ...values: readonly number[]): Measurement => ({
  at,
  phase,
  values,
  ...(phase === 'Failed' ? { message: 'failureCondition result[0] > 1 holds' } : {}),
});

const metric = (measurements: readonly Measurement[], more: Partial<MetricResult> = {}): MetricResult => ({
  name: 'error-ratio',
  phase: 'Failed',
  message: 'failed (2) > failureLimit (1)',
  dryRun: false,
  query: 'sum(rate(x{a="<b>"}[2m]))',
  successCondition: 'result[0] <= 1',
  failureCondition: 'result[0] > 1',
  thresholds: [{ good: 'below', bound: 1 }],
  limits: [{ name: 'failureLimit', used: 2, limit: 1 }],
  measurements,
  ...more,
});

const ROLLBACK: AnalysisResult = {
  controller: 'argo',
  name: 'gate',
  verdict: 'rollback',
  phase: 'Failed',
  message: 'metric "error-ratio" assessed Failed',
  startedAt: 1_768_917_600,
  finishedAt: 1_768_917_900,
  metrics: [
    metric([
      measured(1_768_917_600, 'Successful', 0),
      measured(1_768_917_660, 'Inconclusive'),
      measured(1_768_917_720, 'Failed', 1.5),
      measured(1_768_917_900, 'Failed', 3),
    ]),
  ],
};

const PLAIN = { colour: false, unicode: true, width: 80 };

describe('a report on the terminal', () => {
  it('states the verdict, the reason, and what was measured', () => {
    expect(renderTerminal(ROLLBACK, PLAIN)).toMatchInlineSnapshot(`
      "rollback: metric "error-ratio" assessed Failed
      argo, gate, 2026-01-20T14:00:00Z to 2026-01-20T14:05:00Z

      Failed       error-ratio
        ▁·▅█  last 3, good below 1
        used: failureLimit 2 of 1
        failed (2) > failureLimit (1)
        2026-01-20T14:01:00Z Inconclusive: nothing
        2026-01-20T14:02:00Z Failed: 1.5: failureCondition result[0] > 1 holds
        2026-01-20T14:05:00Z Failed: 3: failureCondition result[0] > 1 holds
      "
    `);
  });

  it('uses colour only if the terminal has colours, and ASCII if it can draw nothing else', () => {
    expect(renderTerminal(ROLLBACK, { ...PLAIN, colour: true })).toContain('[31m');
    expect(renderTerminal(ROLLBACK, PLAIN)).not.toContain('\u001b');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII is looked for.
    expect(renderTerminal(ROLLBACK, { ...PLAIN, unicode: false })).toMatch(/^[\x00-\x7f]*$/);
  });

  it('leaves the middle of many failures out', () => {
    const many = Array.from({ length: 30 }, (_, i) => measured(i, 'Failed', 2));
    const text = renderTerminal({ ...ROLLBACK, metrics: [metric(many)] }, PLAIN);
    expect(text).toContain('... 20 more');
    expect(text.split('\n').length).toBeLessThan(20);
  });

  it('shows a value that is not a number as it is', () => {
    const odd = metric([
      measured(0, 'Failed', Number.NaN),
      measured(1, 'Failed', Number.POSITIVE_INFINITY),
      measured(2, 'Failed', 1, 2),
    ]);
    const text = renderTerminal({ ...ROLLBACK, metrics: [odd] }, PLAIN);
    for (const answer of ['Failed: NaN', 'Failed: +Inf', 'Failed: 1, 2']) expect(text).toContain(answer);
    expect(renderTerminal({ ...ROLLBACK, metrics: [metric([])] }, PLAIN)).toContain('not measured');
  });

  it('lists traces below the metric, and says why there are none', () => {
    const traces = [{ traceId: '4bf92f', at: 1_768_917_700, value: 0.8, labels: { route: '/items/:id', pod: 'a' } }];
    const [traced, plain] = [
      metric([], { traces }),
      metric([], { traces: [], tracesNote: 'a gauge has no exemplars' }),
    ];
    const text = renderTerminal({ ...ROLLBACK, metrics: [traced, plain] }, PLAIN);
    expect(text).toContain(
      '  traces of bad requests, newest first:\n    2026-01-20T14:01:40Z  4bf92f  0.8  route=/items/:id  pod=a\n',
    );
    expect(text).toContain('  traces: a gauge has no exemplars\n');
    const nothing = renderTerminal({ ...ROLLBACK, tracesNote: 'nothing to trace' }, PLAIN);
    expect(nothing.split('\n')[2]).toBe('nothing to trace');
  });

  it('lists each measurement in a line', () => {
    const [first] = ROLLBACK.metrics;
    if (first?.measurements[2] === undefined) throw new Error('no measurement');
    expect(renderMeasurement(first, first.measurements[2], PLAIN)).toBe(
      '2026-01-20T14:02:00Z  error-ratio  Failed  1.5: failureCondition result[0] > 1 holds',
    );
  });
});

describe('a report as a page', () => {
  it('draws each value on its side of the bound', () => {
    const html = renderHtml(ROLLBACK);
    const [, bound = ''] = /class="bound" [^>]*y1="([\d.]+)"/.exec(html) ?? [];
    const heights = [...html.matchAll(/data-value="([\d.]+)" d="M[\d.-]+ ([\d.-]+)/g)].map(([, value, y]) => [
      Number(value),
      Number(y),
    ]);
    expect(heights.map(([value]) => value)).toEqual([0, 1.5, 3]);
    for (const [value = 0, y = 0] of heights) {
      if (value > 1) expect(y).toBeLessThan(Number(bound));
      else expect(y).toBeGreaterThan(Number(bound));
    }
    // Nothing is not 0: a cross of its own, and a break in the line.
    expect(html.match(/class="gap"/g)).toHaveLength(1);
    expect(/class="path" d="(M[^"]*)"/.exec(html)?.[1]?.match(/M/g)).toHaveLength(2);
  });

  it('loads nothing and runs nothing', () => {
    const html = renderHtml(ROLLBACK);
    expect(html).not.toMatch(/<script|src=|href="(?!#)|url\(|@import|https?:/);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).toMatch(/<html lang="en">/);
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).toMatch(/<svg [^>]*role="img" aria-label="error-ratio over time: 0, nothing, 1.5, 3; good below 1"/);
  });

  it('escapes whatever came from outside', () => {
    const evil = '"><script>alert(1)</script>';
    const html = renderHtml({
      ...ROLLBACK,
      name: evil,
      message: evil,
      metrics: [
        metric([{ at: 0, phase: 'Error', values: [], message: evil }], {
          name: evil,
          query: evil,
          message: evil,
          successCondition: evil,
          failureCondition: evil,
          traces: [{ traceId: evil, url: `https://x.invalid/${evil}`, at: 0, value: 1, labels: { [evil]: evil } }],
          tracesNote: evil,
        }),
      ],
    });
    expect(html).not.toContain('<script');
    expect(html.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(8);
  });

  it.each<[string, readonly Measurement[]]>([
    ['no measurement', []],
    ['one measurement', [measured(5, 'Successful', 0)]],
    ['measurements without a value', [measured(5, 'Inconclusive'), measured(6, 'Inconclusive')]],
    [
      'values that are not numbers',
      [measured(5, 'Failed', Number.NaN), measured(6, 'Failed', Number.POSITIVE_INFINITY)],
    ],
    ['negative values', [measured(5, 'Successful', -5), measured(6, 'Successful', -1)]],
    ['tiny and huge values', [measured(5, 'Successful', 1e-9), measured(6, 'Failed', 1e12)]],
    ['thousands of measurements', Array.from({ length: 5000 }, (_, i) => measured(i, 'Successful', i % 7))],
  ])('draws metrics with %s', (_, measurements) => {
    const html = renderHtml({ ...ROLLBACK, startedAt: 5, finishedAt: 6, metrics: [metric(measurements)] });
    expect(html).not.toMatch(/(?:d|x|y|x1|y1|height|width)="[^"]*(?:NaN|Infinity|undefined)/);
    expect(html.length).toBeLessThan(1_000_000);
    if (measurements.length > 1000) expect(html).toMatch(/\d+ of 5000 measurements are drawn/);
  });

  it('shows the weights of Flagger', () => {
    const steps = [{ at: 0, weight: 10, failedChecks: 1 }];
    expect(renderHtml({ ...ROLLBACK, controller: 'flagger', steps })).toMatch(/<td>10 %<\/td><td>1<\/td>/);
  });
});

describe('a report as JSON', () => {
  it('has every field, and writes numbers that JSON lacks as text', () => {
    const odd = metric([measured(0, 'Failed', Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1)]);
    const parsed = JSON.parse(renderJson({ ...ROLLBACK, metrics: [odd] })) as AnalysisResult;
    expect(parsed.verdict).toBe('rollback');
    expect(parsed.metrics[0]?.measurements[0]?.values).toEqual(['NaN', '+Inf', '-Inf', 1]);
  });
});
