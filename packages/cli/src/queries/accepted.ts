import type { Accepted, Release } from '../release/release.js';
import { rangeOf, seconds } from './series.js';

/** Returns lines of PromQL that leave out the responses of some pods that a release accepts. */
export function withoutAccepted(release: Release, pods: string): readonly string[] {
  const label = release.names.labels.status_code;
  return withoutEach(release, pods, ({ status }) => `,${label}=~"${status.replaceAll('x', '.')}"`);
}

/** Returns lines of PromQL that leave out all responses of the routes of some pods whose difference a release accepts. */
export function withoutAcceptedRoutes(release: Release, pods: string): readonly string[] {
  return withoutEach(release, pods, () => '');
}

/** Whether a release accepts a 404: then more of its requests reach no route. */
export function acceptsNotFound({ accept }: Release): boolean {
  return accept.some(({ status }) => /^4(?:04|xx)$/.test(status));
}

/** Returns a line for each method and each status, with all their routes. */
function withoutEach(
  { accept, names, analysis }: Release,
  pods: string,
  statusMatcher: (accepted: Accepted) => string,
): readonly string[] {
  const range = seconds(rangeOf(analysis));
  const { method, route } = names.labels;
  const routes = new Map<string, Set<string>>();
  for (const accepted of accept) {
    // A client that asks for the head of a page is sent away as one that asks for the page.
    const methods = accepted.method === 'GET' ? '=~"GET|HEAD"' : `="${accepted.method}"`;
    const others = `${method}${methods}${statusMatcher(accepted)}`;
    routes.set(others, (routes.get(others) ?? new Set()).add(accepted.route));
  }
  return [...routes].map(
    ([others, patterns]) =>
      `unless last_over_time(${names.requests}{${pods},${others},${route}${matchAny([...patterns])}}[${range}])`,
  );
}

/** Returns the operator and the value of a matcher that lets exactly these texts through. */
function matchAny(texts: readonly string[]): string {
  const [first = ''] = texts;
  if (texts.length === 1) return `=${JSON.stringify(first)}`;
  return `=~${JSON.stringify(texts.map(literal).join('|'))}`;
}

/** Returns a regular expression for one text. In brackets, most characters need no backslashes, which quotes would double. */
function literal(text: string): string {
  return text.replace(/[.*+?(){}|$[\]\\^]/g, (special) => (/[[\]\\^]/.test(special) ? `\\${special}` : `[${special}]`));
}
