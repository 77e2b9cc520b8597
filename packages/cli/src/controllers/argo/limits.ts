/** The numbers of a metric that say how often it is measured. */
export interface Limits {
  readonly count: number;
  readonly failureLimit: number;
  readonly inconclusiveLimit: number;
  readonly consecutiveErrorLimit: number;
  readonly consecutiveSuccessLimit: number;
}

/**
 * Returns the number for which Argo Rollouts refuses a metric, and the reason; `undefined` if it accepts all numbers.
 */
export function refusalOf({
  count,
  failureLimit,
  inconclusiveLimit,
  consecutiveErrorLimit,
  consecutiveSuccessLimit,
}: Limits): { readonly field: keyof Limits; readonly reason: string } | undefined {
  if (consecutiveSuccessLimit < 0)
    return { field: 'consecutiveSuccessLimit', reason: 'consecutiveSuccessLimit must be 0 or more' };
  if (failureLimit < -1) return { field: 'failureLimit', reason: 'failureLimit must be 0 or more, or -1 for none' };
  if (consecutiveSuccessLimit === 0 && failureLimit === -1) {
    return { field: 'failureLimit', reason: 'without a failureLimit there must be a consecutiveSuccessLimit' };
  }
  if (inconclusiveLimit < 0) return { field: 'inconclusiveLimit', reason: 'inconclusiveLimit must be 0 or more' };
  if (consecutiveErrorLimit < 0)
    return { field: 'consecutiveErrorLimit', reason: 'consecutiveErrorLimit must be 0 or more' };
  if (count <= 0) return undefined;
  const least = Math.max(0, failureLimit) + consecutiveSuccessLimit;
  if (count < least) {
    const sum = consecutiveSuccessLimit === 0 ? 'failureLimit' : 'failureLimit and consecutiveSuccessLimit together';
    return {
      field: consecutiveSuccessLimit > 0 ? 'consecutiveSuccessLimit' : 'failureLimit',
      reason: `count must be at least ${sum}`,
    };
  }
  if (count < inconclusiveLimit)
    return { field: 'inconclusiveLimit', reason: 'count must be at least inconclusiveLimit' };
  return undefined;
}
