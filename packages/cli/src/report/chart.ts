import type { MetricResult } from '../analyze/result.js';
import type { Controller } from '../controllers/controller.js';
import type { Measurement } from '../controllers/verdict.js';

/** The number that a measurement is drawn by: the first, which Argo looks at, or the last, which Flagger does. */
export function drawnValue({ values }: Measurement, controller: Controller): number | undefined {
  const value = controller === 'argo' ? values[0] : values.at(-1);
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

const BLOCKS = '▁▂▃▄▅▆▇█';
const ASCII = '_.-=+*#@';

/** Values over time in one line, from the least of them and the bounds to the most; `·` where nothing was answered. */
export function sparkline(
  { measurements, thresholds }: MetricResult,
  controller: Controller,
  { width, unicode }: { readonly width: number; readonly unicode: boolean },
): string {
  const shown = measurements.slice(-width);
  const numbers = shown.map((measurement) => drawnValue(measurement, controller));
  const finite = [...numbers, ...thresholds.map(({ bound }) => bound), 0].filter(
    (value): value is number => value !== undefined && Number.isFinite(value),
  );
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const levels = unicode ? BLOCKS : ASCII;
  const level = (value: number): number => {
    if (!Number.isFinite(value)) return value > 0 ? levels.length - 1 : 0;
    return most === least ? 0 : Math.round(((levels.length - 1) * (value - least)) / (most - least));
  };
  return numbers.map((value) => (value === undefined ? (unicode ? '·' : ' ') : levels[level(value)])).join('');
}
