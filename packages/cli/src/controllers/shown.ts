import type { Measurement } from './verdict.js';

/** Returns a number in a form for people. */
export function showNumber(value: number | undefined): string {
  if (value === undefined) return 'nothing';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0 || Number.isInteger(value)) return String(value);
  return Math.abs(value) < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

// A query over a range returns hundreds of values.
const MOST_VALUES = 10;

/** Returns the result of a measurement in a form for people. */
export function showResult({ values }: Measurement): string {
  if (values.length === 0) return 'nothing';
  const shown = values.slice(0, MOST_VALUES).map(showNumber).join(', ');
  return values.length > MOST_VALUES ? `${shown}, … (${values.length} values)` : shown;
}

/** Returns a time in UTC, to the second. */
export function showTime(epochSeconds: number): string {
  return new Date(1000 * epochSeconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Returns a number of requests as text: `1,204`. */
export function showCount(value = 0): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Returns a share with two digits: `6.1 %`. */
export function showShare(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

/** Returns a number with its noun: `1 request`, `2 requests`. */
export function showPlural(value: number, one: string, many: string): string {
  return `${showCount(value)} ${Math.round(value) === 1 ? one : many}`;
}

/** Returns seconds as text, in minutes if they are whole: `5 min`, `90 s`. */
export function showSpan(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
