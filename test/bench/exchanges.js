/** The statuses of the responses, in turn. */
export const STATUSES = [200, 200, 200, 200, 201, 404, 500, 200];

/** Returns many routes, so that consecutive exchanges use different routes. */
export function routesOf(metrics) {
  return Array.from({ length: 40 }, (_, i) => metrics.route('GET', `/route/${i}`));
}
