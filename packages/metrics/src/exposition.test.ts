import fc from 'fast-check';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createMetrics } from './create-metrics.js';
import { type Format, renderRegistry } from './exposition.js';
import type { Metrics } from './metrics.js';

// Everything that text must escape, in any company.
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\\n', '{', '}', ',', '=', ' ', '#', 'a', '\r', 'é', '😀') }),
  fc.string({ unit: 'grapheme' }),
);
const bounds = [0.1, 0.5, 1];
const seconds = fc.oneof(
  fc.constantFrom(0, ...bounds, 0.1 + Number.EPSILON, 1e9),
  fc.double({ min: 0, max: 100, noNaN: true }),
);
const history = fc.record({
  labels: fc.dictionary(
    fc.stringMatching(/^[a-z][a-z0-9_]{0,3}$/).filter((name) => name !== 'le'),
    text,
    { maxKeys: 3 },
  ),
  created: fc.boolean(),
  patterns: fc.uniqueArray(text, { minLength: 1, maxLength: 4 }),
  requests: fc.array(
    fc.record({
      method: fc.constantFrom('GET', 'POST', 'get', 'PROPFIND'),
      pattern: fc.integer({ min: 0, max: 3 }),
      status: fc.constantFrom(200, 204, 302, 399, 400, 404, 499, 500, 503, 504, 599),
      seconds: fc.option(seconds, { nil: undefined }),
    }),
    { maxLength: 60 },
  ),
});

/** What was recorded of one series. */
interface Truth {
  requests: number;
  readonly durations: number[];
}

const ZERO_STATUSES = [200, 500, 503, 504];

describe('an exposition of any recorded requests', () => {
  it.each<Format>(['text', 'openmetrics'])('parses back to what was recorded, as %s', async (format) => {
    await fc.assert(
      fc.asyncProperty(history, async ({ labels, created, patterns, requests }) => {
        const metrics = createMetrics({ registry: new Registry(), labels, created, buckets: bounds });
        const truth = new Map<string, Truth>();
        const know = (method: string, pattern: string): void => {
          for (const status of ZERO_STATUSES) truthOf(truth, { method, route: pattern, status, labels });
        };
        know('GET', '(unmatched)');
        for (const { method, pattern: index, status, seconds } of requests) {
          const pattern = patterns[index % patterns.length] as string;
          metrics.record(metrics.route(method, pattern), status, seconds);
          const shown = method === 'GET' || method === 'POST' ? method : '_OTHER';
          know(shown, pattern);
          const series = truthOf(truth, { method: shown, route: pattern, status, labels });
          series.requests++;
          if (seconds !== undefined) series.durations.push(seconds);
        }
        compare(parse(await rendered(metrics, format), format), truth, created && format === 'openmetrics');
      }),
      { numRuns: 200 },
    );
  });
});

function truthOf(
  truth: Map<string, Truth>,
  { method, route, status, labels }: { method: string; route: string; status: number; labels: object },
): Truth {
  const key = keyOf({ method, route, status_code: String(status), ...labels });
  const known = truth.get(key) ?? { requests: 0, durations: [] };
  truth.set(key, known);
  return known;
}

function compare(samples: readonly Sample[], truth: ReadonlyMap<string, Truth>, isDated: boolean): void {
  const requests = byKey(samples, 'http_requests_total');
  expect([...requests.keys()].sort()).toEqual([...truth.keys()].sort());
  for (const [key, { requests: count }] of truth) expect(requests.get(key)).toBe(count);

  const errors = byKey(samples, 'http_errors_total');
  const failed = [...truth].filter(([key]) => statusOf(key) >= 400);
  expect([...errors.keys()].sort()).toEqual(failed.map(([key]) => key).sort());
  for (const [key, { requests: count }] of failed) expect(errors.get(key)).toBe(count);

  const [counts, sums] = [
    byKey(samples, 'http_request_duration_seconds_count'),
    byKey(samples, 'http_request_duration_seconds_sum'),
  ];
  const timed = [...truth].filter(([, { durations }]) => durations.length > 0);
  expect([...counts.keys()].sort()).toEqual(timed.map(([key]) => key).sort());
  expect([...sums.keys()].sort()).toEqual([...counts.keys()].sort());
  for (const [key, { durations }] of timed) {
    expect(counts.get(key)).toBe(durations.length);
    const sum = durations.reduce((total, duration) => total + duration, 0);
    expect(Math.abs((sums.get(key) ?? Number.NaN) - sum)).toBeLessThanOrEqual(1e-9 * Math.max(1, sum));
  }

  const buckets = samples.filter(({ name }) => name === 'http_request_duration_seconds_bucket');
  for (const [key, { durations }] of timed) {
    const ofSeries = buckets.filter(({ labels: { le: _, ...rest } }) => keyOf(rest) === key);
    expect(ofSeries.map(({ labels: { le } }) => le)).toEqual(['0.1', '0.5', '1', '+Inf']);
    const within = [...bounds, Number.POSITIVE_INFINITY].map(
      (bound) => durations.filter((each) => each <= bound).length,
    );
    expect(ofSeries.map(({ value }) => value)).toEqual(within);
    expect(ofSeries.at(-1)?.value).toBe(counts.get(key));
  }
  expect(buckets).toHaveLength(4 * timed.length);

  const created = samples.filter(({ name }) => name.endsWith('_created'));
  const verdicts = ['timed', 'slow', 'failed'].map((what) => byKey(samples, `http_requests_${what}_total`).size);
  // One for each counter and histogram, that of the dropped routes among them; text knows none.
  const dated = [requests.size, errors.size, counts.size, ...verdicts, 1].reduce((sum, size) => sum + size, 0);
  expect(created).toHaveLength(isDated ? dated : 0);
}

function byKey(samples: readonly Sample[], wanted: string): Map<string, number> {
  const found = samples.filter(({ name }) => name === wanted);
  const values = new Map(found.map(({ labels, value }) => [keyOf(labels), value]));
  expect(values.size).toBe(found.length);
  return values;
}

function keyOf(labels: object): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function statusOf(key: string): number {
  return Number(new Map<string, string>(JSON.parse(key)).get('status_code'));
}

async function rendered({ registry }: Metrics, format: Format): Promise<string> {
  let exposition = '';
  for await (const slice of renderRegistry(registry, format)) exposition += slice;
  return exposition;
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads an exposition as its format has it, and takes no other. */
function parse(exposition: string, format: Format): readonly Sample[] {
  expect(exposition.endsWith('\n')).toBe(true);
  const lines = exposition.slice(0, -1).split('\n');
  if (format === 'openmetrics') expect(lines.pop()).toBe('# EOF');
  const samples: Sample[] = [];
  let family = '';
  for (const line of lines) {
    if (line.startsWith('# HELP ')) continue;
    if (line.startsWith('# TYPE ')) {
      [, family = ''] = /^# TYPE (\w+) (?:counter|gauge|histogram)$/.exec(line) ?? [];
      expect(family).not.toBe('');
      continue;
    }
    const sample = parseSample(line);
    // A sample stands under the head of its family.
    expect(sample.name.startsWith(family)).toBe(true);
    samples.push(sample);
  }
  return samples;
}

function parseSample(line: string): Sample {
  let at = 0;
  const take = (pattern: RegExp): string => {
    const sticky = new RegExp(pattern, 'y');
    sticky.lastIndex = at;
    const match = sticky.exec(line);
    if (match === null) throw new Error(`expected ${pattern} at ${at} of ${JSON.stringify(line)}`);
    at = sticky.lastIndex;
    return match[0];
  };
  const name = take(/[a-zA-Z_:][\w:]*/);
  const labels: Record<string, string> = {};
  if (line[at] === '{') {
    do {
      take(/[{,]/);
      const label = take(/[a-zA-Z_]\w*/);
      if (Object.hasOwn(labels, label)) throw new Error(`${label} is there twice in ${JSON.stringify(line)}`);
      take(/="/);
      labels[label] = take(/(?:[^"\\]|\\["\\n])*/).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
      take(/"/);
    } while (line[at] === ',');
    take(/\}/);
  }
  take(/ /);
  const value = Number(take(/\d+(?:\.\d+)?(?:e[+-]\d+)?$/));
  return { name, labels, value };
}
