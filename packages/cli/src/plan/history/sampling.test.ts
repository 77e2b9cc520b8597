import { describe, expect, it } from 'vitest';
import { createSampling, HOUR_SECONDS } from './sampling.js';

const DAY = { start: 0, end: 24 * HOUR_SECONDS };
const requests = (series: number) => ({ metric: 'http_requests_total', series, since: 0 });

describe('the parts of a history that are read', () => {
  it('are all hours if the limit of samples allows it', () => {
    const { partsOf } = createSampling(DAY, { scrapeSeconds: 15, budget: 1e6 });
    const parts = partsOf([requests(10), undefined], 1);
    expect(parts).toEqual({
      times: Array.from({ length: 24 }, (_, i) => (i + 1) * HOUR_SECONDS),
      stride: 1,
      window: HOUR_SECONDS,
    });
  });

  it('are a part of each hour if whole hours would be too much, and a remark says so', () => {
    const budget = 60_000;
    const { partsOf, samplesIn } = createSampling(DAY, { scrapeSeconds: 15, budget });
    const { times, stride, window, note } = partsOf([requests(10), requests(10)], 0.5);
    expect({ hours: times.length, stride }).toEqual({ hours: 24, stride: 1 });
    // 1,250 samples an hour, of 20 series.
    expect(window).toBe((62.5 - 1) * 15 - 0.5);
    expect(samplesIn(window, 20) * times.length).toBeLessThanOrEqual(budget / 2);
    expect(note).toBe(`of http_requests_total, ${window}s of each hour were read: give --max-samples to read more`);
  });

  it('are five minutes of some hours if there are very many series, at a distance that reaches each hour of a day', () => {
    const days = { start: 0, end: 10 * 24 * HOUR_SECONDS };
    const { partsOf } = createSampling(days, { scrapeSeconds: 15, budget: 48 * 200 * 21 });
    const { times, stride, window, note } = partsOf([requests(200)], 1);
    expect({ stride, window, first: times[0] }).toEqual({ stride: 5, window: 300, first: HOUR_SECONDS });
    expect(new Set(times.map((time) => (time / HOUR_SECONDS) % 24)).size).toBe(24);
    expect(note).toContain('5m of one hour in 5 were read');
    // Every second hour of each day could be read as well, but then the others never would be.
    const twice = createSampling(days, { scrapeSeconds: 15, budget: 130 * 200 * 21 });
    expect(twice.partsOf([requests(200)], 1).stride).toBe(5);
  });

  it('are never more than one query may read', () => {
    const { partsOf, samplesIn } = createSampling(DAY, { scrapeSeconds: 15, budget: 1e12 });
    const { window } = partsOf([requests(50_000)], 1);
    expect(samplesIn(window, 50_000)).toBeLessThanOrEqual(2_500_000);
    expect(samplesIn(window + 15, 50_000)).toBeGreaterThan(2_500_000);
  });

  it('are the whole history if it is shorter than an hour', () => {
    const { partsOf } = createSampling({ start: 1000, end: 1600 }, { scrapeSeconds: 15, budget: 1e6 });
    expect(partsOf([requests(1)], 1)).toEqual({ times: [1600], stride: 1, window: 600 });
  });

  it('have no hour of which only the last minutes are in the history', () => {
    const { partsOf } = createSampling(
      { start: HOUR_SECONDS - 299, end: 3 * HOUR_SECONDS },
      { scrapeSeconds: 15, budget: 1e6 },
    );
    expect(partsOf([requests(1)], 1).times).toEqual([2 * HOUR_SECONDS, 3 * HOUR_SECONDS]);
  });
});
