import type { RoutePattern } from '@coalmine/node';
import { describe, expect, it } from 'vitest';
import { Branch, isRoute, Place, Spot } from './branch.js';
import type { ExpressRoute, Layer } from './express.js';
import { routeOptions } from './route-options.js';

const layer = (handle: unknown = (): void => {}, name = 'handler'): Layer => ({ handle, name }) as Layer;
const routeOf = (stack: ExpressRoute['stack'] = []): ExpressRoute => ({ path: '/a', methods: { get: true }, stack });
const root = (stack: readonly Layer[] = []): Branch => new Branch(stack, undefined, new Spot('', '', []));
const noName = (): RoutePattern => ({}) as RoutePattern;
const placeOf = (branch: Branch, entry: ExpressRoute | Layer, pattern: string, name = noName): Place =>
  new Place(branch, entry, { pattern, scopes: [pattern, `${pattern}/too`] }, undefined, name);

it.each([
  ['/items/:id', '/items/:id', true],
  ['/items/:id', '/items/1', true],
  ['/items/:id', '/items', false],
  ['', '', true],
  ['', '/a', false],
])('a spot at %j matches the base URL %j: %s', (pattern, baseUrl, isIt) => {
  const spot = new Spot(pattern, '', []);
  expect(spot.matches(baseUrl)).toBe(isIt);
  expect(spot.matches(baseUrl)).toBe(isIt);
});

it('a route has methods, and a layer has none', () => {
  expect([isRoute(routeOf()), isRoute(layer())]).toEqual([true, false]);
});

describe('a branch', () => {
  it('is read once all of its layers are', () => {
    const stack = [layer(), layer()];
    const branch = root(stack);
    expect(branch.isRead).toBe(false);
    branch.size = 2;
    expect(branch.isRead).toBe(true);
    stack.push(layer());
    expect(branch.isRead).toBe(false);
    branch.size = 3;
    branch.forget();
    expect(branch.isRead).toBe(false);
  });

  it('knows the branches around it', () => {
    const [outer, inner] = [[layer()], [layer()]];
    const top = root(outer);
    const below = top.grow(new Spot('/a', '/a', []), inner);
    expect(below.enclosing(inner)).toBe(below);
    expect(below.enclosing(outer)).toBe(top);
    expect(top.enclosing(inner)).toBeUndefined();
    expect([below.isIn(top), below.isIn(below), top.isIn(below)]).toEqual([true, true, false]);
  });

  it('grows one branch for each router at a place, with the path and the options of the place', () => {
    const [one, other] = [[layer()], [layer()]];
    const top = root();
    const marks = [{ scope: '/a', options: false as const }];
    const spot = new Spot('/a', 'scope', marks);
    const below = top.grow(spot, one);
    expect(below).toMatchObject({ pattern: '/a', scope: 'scope', marks, stack: one, above: top, caller: undefined });
    expect(top.grow(spot, one)).toBe(below);
    expect(top.grow(spot, other)).not.toBe(below);
    expect(top.grow(new Spot('/a', 'scope', marks), one)).not.toBe(below);
  });

  it('below a route has the path of the branch, and the route as its caller', () => {
    const top = root();
    const place = placeOf(top, routeOf(), '/a');
    expect(top.grow(place, [layer()])).toMatchObject({ pattern: '', scope: '', caller: place });
  });

  it('below a function has the path of the function, which is the caller unless it is a router', () => {
    const top = root();
    const calling = placeOf(top, layer(), '/a');
    expect(top.grow(calling, [layer()])).toMatchObject({ pattern: '/a', scope: '/a', caller: calling });
    const router = placeOf(top, layer(Object.assign(() => {}, { stack: [] })), '/b');
    expect(top.grow(router, [layer()]).caller).toBeUndefined();
  });
});

describe('a place', () => {
  it('has the route that has called its router, at the root of the router', () => {
    const top = root();
    const route = placeOf(top, routeOf(), '/a');
    const below = top.grow(route, [layer()]);
    expect(placeOf(below, layer(), '').route).toBe(route);
    expect(placeOf(below, layer(), '/b').route).toBeUndefined();
    expect(placeOf(below, routeOf(), '').route).toBeUndefined();
    expect(placeOf(top, layer(), '').route).toBeUndefined();
    const calling = placeOf(top, layer(), '');
    expect(placeOf(top.grow(calling, [layer()]), layer(), '').route).toBeUndefined();
  });

  it('has its first scope, and may be one of several', () => {
    const place = placeOf(root(), layer(), '/a');
    expect(place).toMatchObject({
      scope: '/a',
      scopes: ['/a', '/a/too'],
      isOneOfSeveral: false,
      isNamedOnArrival: false,
    });
    const several = new Place(root(), layer(), { pattern: '', scopes: [], isOneOfSeveral: true }, undefined, noName);
    expect(several).toMatchObject({ scope: '', isOneOfSeveral: true });
  });

  it('has one pattern for each method that it is asked for', () => {
    const asked: unknown[] = [];
    const place = placeOf(root(), layer(), '/a', ((...args: readonly unknown[]) => {
      asked.push(args[1]);
      return {} as RoutePattern;
    }) as typeof noName);
    const [all, get] = [place.routePattern(undefined), place.routePattern('get')];
    expect(place.routePattern(undefined)).toBe(all);
    expect(place.routePattern('get')).toBe(get);
    expect(asked).toEqual([undefined, 'get']);
  });

  it('differs by method if one of its methods has options of its own', () => {
    const handle = routeOptions(false);
    expect(placeOf(root(), routeOf([{ handle, method: 'get' }]), '/a').isByMethod).toBe(true);
    expect(placeOf(root(), routeOf([{ handle }]), '/a').isByMethod).toBe(false);
    expect(placeOf(root(), layer(handle), '/a').isByMethod).toBe(false);
  });
});
