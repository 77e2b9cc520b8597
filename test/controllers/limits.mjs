/** Options of Coalmine for the services of the plays: limits that an idle service keeps even on a busy machine. */
export const LIMITS = {
  objective: { latency: 1, patience: 3 },
  warmup: { minSeconds: 1 },
  health: {
    afterScrape: { maxSeconds: 5 },
    // Longer than a busy machine needs to tell the ingress.
    drainSeconds: 5,
    closeSeconds: 5,
  },
};
