import { describe, expect, it } from 'vitest';
import { type CombinedRouteOptions, checkRouteOptions, combineRouteOptions } from './combined-options.js';
import type { RouteOptions } from './options.js';

const SLOW = { latency: 2 };
const FAST = { latency: 0.1 };

describe('options of a route from several places', () => {
  it.each<[places: RouteOptions[], combined: CombinedRouteOptions]>([
    [[{}], { exclude: false, objective: undefined }],
    [[false], { exclude: true, objective: undefined }],
    [[{ objective: SLOW }, {}], { exclude: false, objective: SLOW }],
    [[{ objective: SLOW }, { objective: FAST }], { exclude: false, objective: FAST }],
    [[{ objective: SLOW }, false], { exclude: true, objective: SLOW }],
    [[{ exclude: true }, {}], { exclude: true, objective: undefined }],
    [[{ exclude: true }, { objective: FAST }], { exclude: true, objective: FAST }],
    [[false, { exclude: false }], { exclude: false, objective: undefined }],
    [[false, { exclude: false }, false], { exclude: true, objective: undefined }],
  ])('%j are combined to %j', (places, combined) => {
    expect(places.reduce<CombinedRouteOptions | undefined>(combineRouteOptions, undefined)).toEqual(combined);
  });
});

describe('the check of the options of a route', () => {
  it.each<RouteOptions>([
    false,
    {},
    { exclude: true },
    { objective: { latency: Number.MIN_VALUE } },
    { objective: { patience: Number.MIN_VALUE } },
    { objective: { latency: 3, patience: 3 } },
  ])('accepts %j, whatever the objective of the service is', (options) => {
    expect(() => checkRouteOptions(options)).not.toThrow();
  });

  it.each<[options: unknown, message: string]>([
    [true, 'coalmine must be an object with objective, exclude, got true'],
    [{ exclude: 'yes' }, 'coalmine.exclude must be true or false, got "yes"'],
    [{ excluded: true }, 'coalmine.excluded must be left out: coalmine takes objective, exclude, got true'],
    [{ objective: { latency: 0 } }, 'objective.latency must be a finite number of seconds above 0, got 0'],
    [{ objective: { latency: 3, patience: 2 } }, 'objective.patience must be at least the latency of 3 seconds, got 2'],
  ])('refuses %j', (options, message) => {
    expect(() => checkRouteOptions(options as RouteOptions)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });
});
