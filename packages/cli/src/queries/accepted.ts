import type { Accepted, Release } from '../release/release.js';
import { rangeOf, seconds } from './series.js';

/** Returns lines of PromQL that leave out the responses of some pods that a release accepts. */
export function withoutAccepted(release: Release, pods: string): readonly string[] {
  const status = release.names.labels.status_code;
  return withoutEach(
    release,
    pods,
    (accepted) => `${routeMatchers(release, accepted)},${status}=~"${accepted.status.replaceAll('x', '.')}"`,
  );
}

/** Returns lines of PromQL that leave out all responses of the routes of some pods whose difference a release accepts. */
export function withoutAcceptedRoutes(release: Release, pods: string): readonly string[] {
  return withoutEach(release, pods, (accepted) => routeMatchers(release, accepted));
}

function withoutEach(
  { accept, names, analysis }: Release,
  pods: string,
  matchersOf: (accepted: Accepted) => string,
): readonly string[] {
  const range = seconds(rangeOf(analysis));
  return accept.map((each) => `unless last_over_time(${names.requests}{${pods},${matchersOf(each)}}[${range}])`);
}

function routeMatchers({ names }: Release, accepted: Accepted): string {
  const { method, route } = names.labels;
  // A client that asks for the head of a page is sent away as one that asks for the page.
  const methods = accepted.method === 'GET' ? '=~"GET|HEAD"' : `="${accepted.method}"`;
  return `${method}${methods},${route}=${JSON.stringify(accepted.route)}`;
}
