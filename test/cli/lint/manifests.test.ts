import { lintTemplates, manifestsFor, type ReleaseOptions } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';

const ROUTERS = ['basic', 'nginx', 'istio', 'linkerd', 'traefik', 'gateway'] as const;

// Every triple of choices, except some with the router and `cluster`: `cluster` alternates between the routers.
const VARIANTS: readonly ReleaseOptions[] = ROUTERS.flatMap((router, r) =>
  (['canary', 'blue-green'] as const).flatMap((strategy, s) =>
    [true, false].map((compareWithStable, c) => ({
      name: 'shop',
      router,
      strategy,
      cluster: (r + s + c) % 2 === 0,
      analysis: { compareWithStable },
    })),
  ),
);

const OTHERS: readonly ReleaseOptions[] = [
  { name: 'shop', objective: { latency: 2, errorRatio: 0.001, overShare: 0.2 } },
  {
    name: 'shop',
    names: { requests: 'shop_requests_total', duration: 'shop_seconds', labels: { status_code: 'status' } },
  },
  { name: 'shop', analysis: { onSilence: 'promote', confidence: 0.95, count: 2 }, labels: { hash: 'hash' } },
];

describe('the output of coalmine manifests', () => {
  it.each([...VARIANTS, ...OTHERS])('of %j has no finding', (options) => {
    for (const target of ['argo', 'flagger'] as const) {
      const files = manifestsFor(target, options).map(({ name, text }) => ({ file: name, text }));
      expect(lintTemplates(files)).toEqual([]);
    }
  });

  it('has no finding with the scrape interval that it was written for', () => {
    const analysis = {
      scrapeSeconds: 1,
      windowSeconds: 10,
      lookbackSeconds: 60,
      intervalSeconds: 2.5,
      startSeconds: 3,
    };
    for (const target of ['argo', 'flagger'] as const) {
      const files = manifestsFor(target, { name: 'shop', analysis }).map(({ name, text }) => ({ file: name, text }));
      expect(lintTemplates(files, { startSeconds: 3 })).toEqual([]);
      expect(lintTemplates(files, { scrapeSeconds: 15 }).map(({ rule }) => rule)).toContain('short-window');
    }
  });
});
