import type { Accepted, Release } from '../release/release.js';

/** Returns label matchers of the responses that a release accepts. */
export function matchersOf(release: Release, accepted: Accepted): string {
  const status = release.names.labels.status_code;
  return `${routeMatchers(release, accepted)},${status}=~"${accepted.status.replaceAll('x', '.')}"`;
}

/** Returns label matchers of the requests of an accepted difference. */
export function routeMatchers({ names }: Release, accepted: Accepted): string {
  const { method, route } = names.labels;
  return `${method}="${accepted.method}",${route}=${JSON.stringify(accepted.route)}`;
}
