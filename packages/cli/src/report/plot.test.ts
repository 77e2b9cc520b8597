import { describe, expect, it } from 'vitest';
import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import type { Controller } from '../controllers/controller.js';
import type { Measurement, Phase } from '../controllers/verdict.js';
import { renderPlot, round } from './plot.js';

const measured = (at: number, values: readonly number[], phase: Phase = 'Successful'): Measurement => ({
  at,
  phase,
  values,
});

/** Draws measurements from the second 0 to the second 100. */
function plot(
  measurements: readonly Measurement[],
  thresholds: MetricResult['thresholds'] = [],
  { controller = 'argo', finishedAt = 100 }: { controller?: Controller; finishedAt?: number } = {},
): string {
  const metric = { name: 'errors <1>', measurements, thresholds } as unknown as MetricResult;
  return renderPlot(metric, { controller, startedAt: 0, finishedAt } as AnalysisResult);
}
const matches = (svg: string, pattern: RegExp): readonly string[] =>
  [...svg.matchAll(pattern)].map(([, text = '']) => text);
const path = (svg: string) => matches(svg, /class="path" d="([^"]*)"/g)[0];
const points = (svg: string) => matches(svg, /class="point [a-z]+" data-value="[^"]*" d="([^"]*)"/g);
const ticks = (svg: string) => matches(svg, /class="axis".*?<text[^>]*>([^<]*)</g);

describe('the plot of a metric', () => {
  it('is a sentence without measurements', () => {
    expect(plot([])).toBe('<p class="quiet">Not measured.</p>');
  });

  it('is told in words, of which none is markup', () => {
    const svg = plot([measured(0, [1]), measured(50, [])], [{ good: 'below', bound: 2 }]);
    expect(svg).toContain('aria-label="errors &lt;1&gt; over time: 1, nothing; good below 2"');
    expect(svg).toContain('<title>1970-01-01T00:00:50Z: nothing, Successful</title>');
  });

  it('has a line from the left to the right, and from the bottom to below the top', () => {
    const svg = plot([measured(0, [0]), measured(50, [50]), measured(100, [100])]);
    expect(path(svg)).toBe('M56 178L384 102.1L712 26.1');
    expect(svg).not.toContain('are drawn');
  });

  it('has a line that is broken at empty results, which are crosses at the bottom', () => {
    const svg = plot([measured(0, [1]), measured(25, []), measured(50, [1]), measured(75, [1])]);
    expect(path(svg)?.replace(/[\d. ]+/g, '')).toBe('MML');
    expect(matches(svg, /class="gap" d="([^"]*)"/g)).toEqual(['M217 175l6 6m0 -6l-6 6']);
  });

  it('shows the phase by the shape of a point', () => {
    const phases: readonly Phase[] = ['Successful', 'Failed', 'Error', 'Inconclusive', 'Running'];
    const svg = plot(phases.map((phase, i) => measured(25 * i, [0], phase)));
    expect(points(svg)).toEqual([
      'M53 178a3 3 0 1 0 6 0a3 3 0 1 0 -6 0',
      'M216 182h8l-4 -8z',
      'M380 174h8v8h-8z',
      'M548 173l5 5l-5 5l-5 -5z',
      'M709 178h6',
    ]);
  });

  it('has the bounds in it, and the good side of each', () => {
    const svg = plot(
      [measured(0, [1])],
      [
        { good: 'below', bound: 10 },
        { good: 'above', bound: 5 },
      ],
    );
    expect(matches(svg, /class="side" x="56" (y="[^"]*" width="656" height="[^"]*")/g)).toEqual([
      'y="26.1" width="656" height="151.9"',
      'y="14" width="656" height="88.1"',
    ]);
    expect(svg).toContain(
      '<line class="bound" x1="56" x2="712" y1="26.1" y2="26.1"/><text x="60" y="22.1">good below 10</text>',
    );
  });

  it('draws what is beyond every number at the edge', () => {
    const svg = plot([measured(0, [Number.POSITIVE_INFINITY]), measured(100, [Number.NEGATIVE_INFINITY])]);
    expect(path(svg)).toBe('M56 14L712 178');
  });

  it('draws the number at which its controller looks', () => {
    const both = [measured(0, [1, 3])];
    expect(plot(both)).toContain('data-value="1"');
    expect(plot(both, [], { controller: 'flagger' })).toContain('data-value="3"');
  });

  it('is in the middle if it took no time', () => {
    expect(path(plot([measured(0, [0])], [], { finishedAt: 0 }))).toBe('M384 178');
  });

  it.each<[readonly number[], readonly string[]]>([
    [[0], ['0', '0.5', '1']],
    [[100], ['0', '50', '100']],
    [[7], ['0', '2', '4', '6']],
    [
      [-10, 10],
      ['-10', '0', '10'],
    ],
    [[0.003], ['0', '0.001', '0.002', '0.003']],
  ])('of %j has round numbers at its side', (values, expected) => {
    expect(ticks(plot(values.map((value, i) => measured(i, [value]))))).toEqual(expected);
  });
});

describe('a plot of many measurements', () => {
  const many = (count: number, phaseOf: (i: number) => Phase = () => 'Successful') =>
    points(plot(Array.from({ length: count }, (_, i) => measured((100 * i) / count, [1], phaseOf(i))))).length;

  it('has every point up to six hundred, and then every other one, and the last', () => {
    expect(many(600)).toBe(600);
    expect(many(602)).toBe(302);
  });

  it('has every bad one, unless there are too many', () => {
    const isBad = (i: number) => (i % 2 === 1 ? 'Failed' : 'Successful');
    expect(many(602, isBad)).toBe(602);
    expect(many(6000, isBad)).toBe(601);
  });

  it('says how many it has', () => {
    const svg = plot(Array.from({ length: 601 }, (_, i) => measured(i, [1])));
    expect(svg).toContain('<p class="quiet">301 of 601 measurements are drawn.</p>');
  });
});

it('numbers are rounded to tenths', () => {
  expect([round(1.25), round(-0.14), round(3)]).toEqual([1.3, -0.1, 3]);
});
