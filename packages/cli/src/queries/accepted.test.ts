import { describe, expect, it } from 'vitest';
import { evaluate } from '../promql/evaluate.js';
import { letsThrough } from '../promql/matcher.js';
import { isPromqlError, parsePromql } from '../promql/parser.js';
import { type Accepted, parseRelease } from '../release/release.js';
import { withoutAccepted, withoutAcceptedRoutes } from './accepted.js';

const SERIES = [
  ['GET', '/old', '301'],
  ['GET', '/old', '200'],
  ['HEAD', '/old', '302'],
  ['POST', '/old', '301'],
  ['GET', '/older', '301'],
  ['GET', '/a"b\\c', '404'],
].map(([method, route, status_code]) => ({
  labels: { method, route, status_code } as Record<string, string>,
  value: 1,
}));

/** Returns the series that are left of those of the pods, as texts. */
function leftBy(linesOf: typeof withoutAccepted, ...accept: readonly Accepted[]): readonly string[] {
  const release = { ...parseRelease({ name: 'shop' }), accept };
  return leftOf(SERIES, linesOf(release, 'pod=""'));
}

function leftOf(series: typeof SERIES, lines: readonly string[]): readonly string[] {
  const tree = parsePromql(['x', ...lines].join('\n'));
  if (isPromqlError(tree)) throw new Error(tree.error);
  const left = evaluate(tree, ({ matchers }) =>
    series.filter(({ labels }) => matchers.every((each) => letsThrough(each, labels[each.label] ?? '') === true)),
  );
  if (typeof left === 'number') throw new Error('a number');
  return left.map(({ labels: { method, route, status_code } }) => `${method} ${route} ${status_code}`);
}

describe('what a release accepts', () => {
  it('is left out with its status, for HEAD as for GET', () => {
    const all = leftBy(withoutAccepted);
    expect(all).toHaveLength(6);
    const left = leftBy(withoutAccepted, { method: 'GET', route: '/old', status: '3xx' });
    expect(all.filter((each) => !left.includes(each))).toEqual(['GET /old 301', 'HEAD /old 302']);
    const one = leftBy(withoutAccepted, { method: 'POST', route: '/old', status: '301' });
    expect(all.filter((each) => !one.includes(each))).toEqual(['POST /old 301']);
    const not = leftBy(withoutAccepted, { method: 'GET', route: '/old', status: '302' });
    expect(all.filter((each) => !not.includes(each))).toEqual(['HEAD /old 302']);
  });

  it('is left out with all statuses of its route where routes are compared', () => {
    const left = leftBy(withoutAcceptedRoutes, { method: 'GET', route: '/old', status: '3xx' });
    expect(left).toEqual(['POST /old 301', 'GET /older 301', 'GET /a"b\\c 404']);
  });

  it('is one line for all routes with the same method and status, whatever characters they have', () => {
    const routes = ['/a"b\\c', '/*', '/a.b', '/(unmatched)', '/{id}+', '/a|b', '/:id?', '/[x]^$'];
    const accept = routes.map((route) => ({ method: 'GET', route, status: '301' }));
    const lines = withoutAccepted({ ...parseRelease({ name: 'shop' }), accept }, 'pod=""');
    expect(lines).toHaveLength(1);
    const others = ['/', '/axb', '/a', 'b', '/aab', '/i', '/x', '/xx^$'];
    const series = [...routes, ...others].map((route) => ({
      labels: { method: 'GET', route, status_code: '301' },
      value: 1,
    }));
    expect(leftOf(series, lines)).toEqual(others.map((route) => `GET ${route} 301`));
  });

  it('is left out together, whatever characters a route has', () => {
    const left = leftBy(
      withoutAccepted,
      { method: 'GET', route: '/a"b\\c', status: '4xx' },
      { method: 'GET', route: '/older', status: '301' },
    );
    expect(left).toEqual(['GET /old 301', 'GET /old 200', 'HEAD /old 302', 'POST /old 301']);
  });
});
