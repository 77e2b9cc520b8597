/** PromQL of a number of requests, and of the bad or the good ones among them. Each answers one element without labels. */
export type Tally =
  | { readonly bad: string; readonly good?: never; readonly all: string }
  | { readonly good: string; readonly bad?: never; readonly all: string };

/**
 * PromQL of the least share of bad requests that a tally proves: the lower end of the Wilson score interval, one-sided,
 * `z` standard errors wide. A bare ratio condemns on one failure of two; this one asks how often chance would do it.
 * (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.) `NaN` without requests.
 */
export function leastShare({ bad, good, all }: Tally, z: number): string {
  // What is not good is bad, so that the least share of the one is what the greatest of the other leaves.
  return good === undefined ? boundOf(bad, all, z, '-') : `1 - ${boundOf(good, all, z, '+')}`;
}

/** PromQL of the share of bad requests, as counted. */
export function share({ bad, good, all }: Tally, divisor: string = all): string {
  return good === undefined ? `${bad} / ${divisor}` : `1 - ${good} / ${divisor}`;
}

/** How many standard errors one-sided confidence takes: the quantile of the normal distribution. */
export function quantile(confidence: number): number {
  let [low, high] = [0, 8];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (normal(middle) < confidence) low = middle;
    else high = middle;
  }
  return Math.round(low * 1000) / 1000;
}

/** A number without the dirt of binary fractions. */
export function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Each line two spaces in. */
export function indent(promql: string): string {
  return promql.replace(/^/gm, '  ');
}

function boundOf(some: string, all: string, z: number, sign: '-' | '+'): string {
  return `(
  ${some} + ${number(z ** 2 / 2)}
  ${sign} ${number(z)} * sqrt(
    ${some}
    - ${some} ^ 2
    / ${all}
    + ${number(z ** 2 / 4)}
  )
) / (${all} + ${number(z ** 2)})`;
}

/** The distribution function of the normal distribution, by the midpoint rule. */
function normal(z: number): number {
  const steps = 2000;
  const width = z / steps;
  const heights = Array.from({ length: steps }, (_, i) => Math.exp(-(((i + 0.5) * width) ** 2) / 2));
  return 0.5 + (width * heights.reduce((sum, height) => sum + height, 0)) / Math.sqrt(2 * Math.PI);
}
