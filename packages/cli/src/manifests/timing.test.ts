import { describe, expect, it } from 'vitest';
import { parseRelease } from '../release/release.js';
import type { ReleaseOptions } from '../release/release-options.js';
import { timingOf } from './timing.js';

const timing = (options: Partial<ReleaseOptions> = {}) => timingOf(parseRelease({ name: 'shop', ...options }));

describe('the times of a release', () => {
  it('let the window fill and two more scrapes come before the first measurement', () => {
    expect(timing()).toMatchObject({ settled: 120 + 30, started: 60 + 150, errors: 21, silences: 10 });
  });

  it('wait for a span if it is longer than the window', () => {
    // A span is at least four scrapes, and reads one more.
    const { settled } = timing({ analysis: { scrapeSeconds: 30, windowSeconds: 120 } });
    expect(settled).toBe(150 + 60);
  });

  it('wait for one scrape more if rules record the series', () => {
    const { settled, persisted } = timing({ recordingRules: 'argo' });
    expect(settled).toBe(120 + 45);
    expect(persisted(3).delay).toBe(3 * 60 + 45);
  });

  it.each<[spans: number, analysis: object, delay: number, interval: number, count: number]>([
    // Until one more span has passed than a proof takes, at most half a span apart.
    [1, {}, 90, 30, 11],
    [5, {}, 330, 30, 3],
    [3, { windowSeconds: 600 }, 930, 150, 7],
    [3, { intervalSeconds: 50 }, 210, 50, 5],
    [5, { intervalSeconds: 600 }, 330, 600, 2],
  ])('measure a question about %d spans, with %j, after %d s, every %d s, %d times', (spans, analysis, ...times) => {
    const { delay, interval, count } = timing({ analysis }).persisted(spans);
    expect([delay, interval, count]).toEqual(times);
  });

  it.each<[analysis: object, errors: number, silences: number]>([
    [{ startSeconds: 1 }, 16, 10],
    [{ startSeconds: 10 }, 16, 10],
    [{ startSeconds: 11 }, 17, 10],
    [{ intervalSeconds: 299 }, 21, 2],
    [{ intervalSeconds: 300 }, 21, 1],
    [{ intervalSeconds: 1000 }, 21, 1],
  ])('give up with %j after %d errors or %d empty results', (analysis, errors, silences) => {
    expect(timing({ analysis })).toMatchObject({ errors, silences });
  });
});
