/** What is answered, one after the other. */
export const STATUSES = [200, 200, 200, 200, 201, 404, 500, 200];

/** Enough routes that none is always the one at hand. */
export function routesOf(metrics) {
  return Array.from({ length: 40 }, (_, i) => metrics.route('GET', `/route/${i}`));
}
