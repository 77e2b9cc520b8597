import { leastThat } from './bisection.js';

/** PromQL of a number of requests, and of the bad ones among them. */
export interface Tally {
  readonly bad: string;
  readonly all: string;
  /** The sum of both counters, which exists as soon as both series do. */
  readonly seen: string;
}

/**
 * Returns PromQL for the least share of bad requests that a tally proves: the lower end of the Wilson score interval,
 * one-sided, `z` standard errors wide. A plain ratio rolls back for one failure of two requests; this share considers
 * how often chance would cause it. (E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", 1927.) `NaN` without requests.
 */
export function leastShare({ bad, all }: Pick<Tally, 'bad' | 'all'>, z: number): string {
  return `(
  ${bad} + ${number(z ** 2 / 2)}
  - ${number(z)} * sqrt(
    ${bad}
    - ${bad} ^ 2
    / ${all}
    + ${number(z ** 2 / 4)}
  )
) / (${all} + ${number(z ** 2)})`;
}

/** Returns the same share for two numbers; 0 without requests. */
export function leastShareOf(bad: number, all: number, z: number): number {
  if (all <= 0) return 0;
  return (bad + z ** 2 / 2 - z * Math.sqrt(Math.max(0, bad - bad ** 2 / all) + z ** 2 / 4)) / (all + z ** 2);
}

/** Returns the standard errors of a one-sided confidence: the quantile of the normal distribution. */
export function quantile(confidence: number): number {
  return Math.round(1000 * leastThat((z) => normal(z) >= confidence, 0, 8, 1e-9)) / 1000;
}

/** Returns a number without the rounding errors of binary fractions. */
export function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Returns a share in percent: `99.99 %`. */
export function percent(share: number): string {
  return `${number(100 * share)} %`;
}

/** Indents all lines but the first by two spaces. */
export function inner(promql: string): string {
  return promql.replace(/\n/g, '\n  ');
}

/** Indents each line by two spaces. */
export function indent(promql: string): string {
  return promql.replace(/^/gm, '  ');
}

/** Returns the distribution function of the normal distribution, by the midpoint rule. */
function normal(z: number): number {
  const steps = 2000;
  const width = z / steps;
  const heights = Array.from({ length: steps }, (_, i) => Math.exp(-(((i + 0.5) * width) ** 2) / 2));
  return 0.5 + (width * heights.reduce((sum, height) => sum + height, 0)) / Math.sqrt(2 * Math.PI);
}
