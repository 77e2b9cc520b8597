import { describe, expect, it } from 'vitest';
import { AnalysisError } from '../../analysis-error.js';
import type { PrometheusClient, SampledSeries } from '../../prometheus.js';
import { createReader, MOST_PER_QUERY } from './reader.js';

const SCRAPE = 15;

type When = Parameters<PrometheusClient['series']>[1];

/** A Prometheus 2 with one series, which has a sample at each scrape from a time on, and what it was asked. */
function prometheus(from: number, seriesAt: (at: number) => number = () => 1) {
  const asked: { promql: string; when: When }[] = [];
  const client = {
    async series(promql: string, when: When): Promise<readonly SampledSeries[]> {
      asked.push({ promql, when });
      if (typeof when === 'number') {
        const [, window = '', unit] = /\[(\d+)([sm])\]$/.exec(promql) ?? [];
        const samples: { at: number; value: number }[] = [];
        for (let at = when - Number(window) * (unit === 'm' ? 60 : 1); at <= when; at += SCRAPE)
          if (at >= from) samples.push({ at, value: at });
        return [{ labels: { __name__: 'x' }, samples }];
      }
      const samples: { at: number; value: number }[] = [];
      for (let at = when.start; at <= when.end; at += when.step)
        if (at >= from) samples.push({ at, value: seriesAt(at) });
      return samples.length === 0 ? [] : [{ labels: {}, samples }];
    },
  } as PrometheusClient;
  return { client, asked };
}

const readerOf = (client: PrometheusClient, mostSamples = 1e9) =>
  createReader({ client, scrapeSeconds: SCRAPE, mostSamples });

describe('stored samples', () => {
  it('are read in one query if they are few', async () => {
    const { client, asked } = prometheus(0);
    const [series] = (await readerOf(client).stored('x', { start: 0, end: 60 }, 1)) ?? [];
    expect(series?.samples.map(({ at }) => at)).toEqual([0, 15, 30, 45, 60]);
    expect(asked).toEqual([{ promql: 'x[1m]', when: 60 }]);
  });

  it('are read in slices if they are many, and each of them is there once', async () => {
    const { client, asked } = prometheus(0);
    const series = 50_000;
    const [read] = (await readerOf(client).stored('x', { start: 0, end: 600 }, series)) ?? [];
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.at(-1)?.when).toBe(600);
    expect(read?.samples.map(({ at }) => at)).toEqual(Array.from({ length: 41 }, (_, i) => i * SCRAPE));
  });

  it('are not read if that would pass the limit, and nothing is asked', async () => {
    const { client, asked } = prometheus(0);
    expect(await readerOf(client, 39).stored('x', { start: 0, end: 600 }, 1)).toBeUndefined();
    expect(asked).toEqual([]);
    expect(await readerOf(client, 40).stored('x', { start: 0, end: 600 }, 1)).toBeDefined();
  });
});

describe('a query over a span', () => {
  it('is evaluated at its start and at each step, and pays for the samples that Prometheus reads', async () => {
    const { client, asked } = prometheus(0, () => 7);
    const reader = readerOf(client, 1000);
    const [series] = (await reader.evaluated('sum(x)', { start: 100, end: 190, step: 30 }, 50)) ?? [];
    expect(series?.samples).toEqual([100, 130, 160, 190].map((at) => ({ at, value: 7 })));
    expect(asked).toEqual([{ promql: 'sum(x)', when: { start: 100, end: 190, step: 30 } }]);
    expect(reader.left()).toBe(800);
    expect(reader.load()).toMatchObject({ queries: 1, samples: 200, mostSamples: 1000 });
  });

  it('is divided so that no part reads more than a Prometheus allows', async () => {
    const { client, asked } = prometheus(0);
    const [series] = (await readerOf(client).evaluated('x', { start: 0, end: 90, step: 10 }, MOST_PER_QUERY / 4)) ?? [];
    expect(asked.map(({ when }) => when)).toEqual([
      { start: 0, end: 30, step: 10 },
      { start: 40, end: 70, step: 10 },
      { start: 80, end: 90, step: 10 },
    ]);
    expect(series?.samples).toHaveLength(10);
  });

  it('is not evaluated if one point alone reads too much', async () => {
    const { client, asked } = prometheus(0);
    expect(await readerOf(client).evaluated('x', { start: 0, end: 0, step: 10 }, MOST_PER_QUERY + 1)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('the number of series', () => {
  it('is the highest of some points, with the first point that has any', async () => {
    const { client } = prometheus(200, (at) => (at === 300 ? 3 : 2));
    expect(await readerOf(client).counted('x', { start: 0, end: 400, step: 100 })).toEqual({ series: 3, since: 200 });
  });

  it('is not known if no point has any', async () => {
    const { client, asked } = prometheus(500);
    expect(await readerOf(client).counted('x', { start: 0, end: 400, step: 100 })).toBeUndefined();
    expect(asked).toHaveLength(5);
  });

  it('costs a sample for each series, and ends at the limit', async () => {
    const { client, asked } = prometheus(0, () => 6);
    const reader = readerOf(client, 10);
    expect(await reader.counted('x', { start: 0, end: 400, step: 100 })).toEqual({ series: 6, since: 0 });
    expect(asked).toHaveLength(2);
    expect(reader.left()).toBeLessThanOrEqual(0);
  });
});

it('an error of Prometheus says that the history cannot be read', async () => {
  const client = { series: () => Promise.reject(new Error('it is asleep')) } as unknown as PrometheusClient;
  const counted = readerOf(client).counted('x', { start: 0, end: 1, step: 1 });
  await expect(counted).rejects.toThrow(new AnalysisError('the history cannot be read: it is asleep'));
});
