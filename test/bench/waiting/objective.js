/** The objective of the service, in seconds. */
export const OBJECTIVE = 0.5;

/**
 * Upper bounds in seconds, from 1 ms to a minute, each 2 % above the one before: a quantile that is interpolated in a
 * bucket is off by less than that. The objective is one of the bounds.
 */
export const BUCKETS = Array.from({ length: 557 }, (_, i) => Number((OBJECTIVE * 1.02 ** (i - 314)).toPrecision(6)));
