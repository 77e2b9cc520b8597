import { describe, expect, it } from 'vitest';
import { parseRelease } from '../release/release.js';
import type { ReleaseOptions } from '../release/release-options.js';
import { checkNames } from './names.js';
import type { Scrape } from './prometheus.js';
import type { Target } from './target.js';

const MONITOR: Scrape = 'service-monitor';

/** Returns the message of the error, or `undefined` if Kubernetes accepts all names. */
function refusal(target: Target, options: ReleaseOptions, scrape: Scrape = MONITOR): string | undefined {
  try {
    checkNames(target, scrape, parseRelease(options));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const long = (length: number): string => 's'.repeat(length);

describe('the names that are made of the name of a release', () => {
  it.each<[target: Target, most: number, suffix: string, options: Partial<ReleaseOptions>]>([
    ['argo', 56, '-stable', {}],
    ['argo', 55, '-preview', { strategy: 'blue-green' }],
    ['flagger', 55, '-primary', {}],
    ['prometheus', 55, '-metrics', {}],
  ])('%s accepts up to %d characters, because of %s', (target, most, suffix, options) => {
    expect(refusal(target, { name: long(most), ...options })).toBeUndefined();
    const name = long(most + 1);
    expect(refusal(target, { name, ...options })).toBe(
      `name must be of at most ${most} characters: the Service ${name}${suffix} would have more than 63, got "${name}"`,
    );
  });

  it.each<[target: Target, scrape: Scrape]>([
    ['prometheus', 'pod-monitor' as Scrape],
    ['grafana', MONITOR],
    ['rules', MONITOR],
  ])('%s with %s makes none', (target, scrape) => {
    expect(refusal(target, { name: `1${long(62)}` }, scrape)).toBeUndefined();
  });

  it('have to start with a letter for a Service, and not for other objects', () => {
    expect(refusal('argo', { name: '7shop' })).toBe(
      'name must be a name that starts with a letter, because the Service 7shop-stable must, got "7shop"',
    );
    expect(refusal('grafana', { name: '7shop' })).toBeUndefined();
  });

  it('are checked by the option that the user gave', () => {
    expect(refusal('flagger', { name: 'shop', service: long(56) })).toMatch(
      /^service must be of at most 55 characters/,
    );
    expect(refusal('flagger', { name: long(56), service: 'shop' })).toMatch(/^name .* the label app s+-primary would/);
    expect(refusal('argo', { name: 'shop', service: '7web', router: 'linkerd' })).toMatch(
      /^service must be a name that starts with a letter, because the Service 7web must/,
    );
    expect(refusal('argo', { name: 'shop', service: '7web' })).toBeUndefined();
  });
});
