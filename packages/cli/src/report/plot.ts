import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import { showNumber, showTime } from '../controllers/shown.js';
import type { Measurement, Phase } from '../controllers/verdict.js';
import { drawnValue } from './chart.js';
import { escapeHtml } from './escaped.js';

const WIDTH = 720;
const HEIGHT = 200;
const LEFT = 56;
const RIGHT = 8;
const TOP = 14;
const BOTTOM = 22;
/** More points than pixels show nothing more. */
const MOST_POINTS = 600;

interface Scale {
  readonly least: number;
  readonly most: number;
  /** Pixels from the top. */
  y(value: number): number;
  x(time: number): number;
}

/** Draws a metric over time with its bounds, as an SVG that can be read without colour: the shape shows the phase. */
export function renderPlot(metric: MetricResult, { controller, startedAt, finishedAt }: AnalysisResult): string {
  const { measurements, thresholds, name } = metric;
  if (measurements.length === 0) return '<p class="quiet">Not measured.</p>';
  const points = thinOut(measurements).map((measurement) => ({
    measurement,
    value: drawnValue(measurement, controller),
  }));
  const finite = [...points.map(({ value }) => value), ...thresholds.map(({ bound }) => bound), 0].filter(
    (value): value is number => value !== undefined && Number.isFinite(value),
  );
  const scale = scaleOf(Math.min(...finite), Math.max(...finite), startedAt, finishedAt);
  const label = `${name} over time: ${points
    .map(({ value }) => showNumber(value))
    .slice(0, 50)
    .join(', ')}; ${thresholds.map(({ good, bound }) => `good ${good} ${showNumber(bound)}`).join(', ')}`;
  const thinnedNote =
    points.length === measurements.length
      ? ''
      : `<p class="quiet">${points.length} of ${measurements.length} measurements are drawn.</p>`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">
${thresholds.map((threshold) => side(threshold, scale)).join('\n')}
${ticksBetween(scale.least, scale.most)
  .map((tick) => horizontal(tick, scale))
  .join('\n')}
<text x="${LEFT}" y="${HEIGHT - 6}">${showTime(startedAt)}</text>
<text x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${showTime(finishedAt)}</text>
${thresholds.map(({ bound, good }) => `<line class="bound" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${scale.y(bound)}" y2="${scale.y(bound)}"/><text x="${LEFT + 4}" y="${scale.y(bound) - 4}">good ${good} ${showNumber(bound)}</text>`).join('\n')}
<path class="path" d="${lineThrough(points, scale)}"/>
${points.map((point) => mark(point, scale)).join('\n')}
</svg>${thinnedNote}`;
}

interface Point {
  readonly measurement: Measurement;
  readonly value: number | undefined;
}

function mark({ measurement: { at, phase }, value }: Point, { x, y, least, most }: Scale): string {
  const title = `<title>${showTime(at)}: ${showNumber(value)}, ${phase}</title>`;
  const cx = x(at);
  if (value === undefined) {
    // An empty result is not 0: it is a cross below the axis.
    const base = HEIGHT - BOTTOM;
    return `<path class="gap" d="M${cx - 3} ${base - 3}l6 6m0 -6l-6 6">${title}</path>`;
  }
  const cy = y(Math.min(Math.max(value, least), most));
  return `<path class="point ${phase.toLowerCase()}" data-value="${value}" d="${SHAPES[phase](round(cx), round(cy))}">${title}</path>`;
}

const SHAPES: Readonly<Record<Phase, (x: number, y: number) => string>> = {
  Successful: (x, y) => `M${x - 3} ${y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`,
  Failed: (x, y) => `M${x - 4} ${y + 4}h8l-4 -8z`,
  Error: (x, y) => `M${x - 4} ${y - 4}h8v8h-8z`,
  Inconclusive: (x, y) => `M${x} ${y - 5}l5 5l-5 5l-5 -5z`,
  Running: (x, y) => `M${x - 3} ${y}h6`,
};

/** Draws a line that is broken at empty results. */
function lineThrough(points: readonly Point[], { x, y, least, most }: Scale): string {
  let isDown = false;
  return points
    .map(({ measurement, value }) => {
      if (value === undefined) {
        isDown = false;
        return '';
      }
      const command = isDown ? 'L' : 'M';
      isDown = true;
      return `${command}${round(x(measurement.at))} ${round(y(Math.min(Math.max(value, least), most)))}`;
    })
    .join('');
}

function side({ good, bound }: MetricResult['thresholds'][number], { y }: Scale): string {
  const [from, to] = good === 'below' ? [y(bound), HEIGHT - BOTTOM] : [TOP, y(bound)];
  return `<rect class="side" x="${LEFT}" y="${from}" width="${WIDTH - LEFT - RIGHT}" height="${Math.max(0, round(to - from))}"/>`;
}

function horizontal(value: number, { y }: Scale): string {
  return `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${showNumber(value)}</text>`;
}

function scaleOf(low: number, high: number, from: number, to: number): Scale {
  const least = Math.min(0, low);
  const most = high > least ? least + (high - least) * 1.08 : least + 1;
  const height = HEIGHT - TOP - BOTTOM;
  const width = WIDTH - LEFT - RIGHT;
  return {
    least,
    most,
    y: (value) => round(TOP + height * (1 - (value - least) / (most - least))),
    x: (time) => round(LEFT + (to === from ? 0.5 : (time - from) / (to - from)) * width),
  };
}

/** Returns about four round numbers. */
function ticksBetween(least: number, most: number): readonly number[] {
  const rough = (most - least) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? power;
  const first = Math.ceil(least / step);
  return Array.from({ length: Math.floor(most / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/** Returns the first and the last measurement, all that did not succeed, and as many others as can be seen. */
function thinOut(measurements: readonly Measurement[]): readonly Measurement[] {
  const every = Math.ceil(measurements.length / MOST_POINTS);
  return measurements.filter(
    ({ phase }, i) => i % every === 0 || i === measurements.length - 1 || (phase !== 'Successful' && every < 10),
  );
}

/** Rounds to a tenth, which is exact enough for pictures. */
export function round(value: number): number {
  return Math.round(10 * value) / 10;
}
