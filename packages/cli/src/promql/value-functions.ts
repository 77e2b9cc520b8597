/** Functions of the value of each element by itself, with the scalars that follow the vector. */
export const VALUE_FUNCTIONS: Readonly<Record<string, (value: number, ...rest: readonly number[]) => number>> = {
  abs: Math.abs,
  asin: Math.asin,
  ceil: Math.ceil,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  round: (value, to = 1) => Math.floor(value * (1 / to) + 0.5) / (1 / to),
  sgn: Math.sign,
  sqrt: Math.sqrt,
  clamp_min: (value, low = 0) => larger(low, value),
  clamp_max: (value, high = 0) => smaller(high, value),
};

/** Returns Go's `math.Max`, for which infinity is larger than `NaN`. */
export function larger(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b);
}

/** Returns Go's `math.Min`, for which negative infinity is smaller than `NaN`. */
export function smaller(a: number, b: number): number {
  return -larger(-a, -b);
}
