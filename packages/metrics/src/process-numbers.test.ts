import { Gauge, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createMetrics } from './create-metrics.js';
import { DepartedNumbers, type FamilyNumbers, ProcessNumbers } from './process-numbers.js';
import { renderProcesses } from './render-processes.js';
import { Samples } from './samples.js';
import { type SnapshotPiece, snapshotRegistry } from './snapshot.js';

function piece(name: string, samples: SnapshotPiece['samples'], more: Partial<SnapshotPiece> = {}): SnapshotPiece {
  return { name, help: name, type: 'counter', aggregator: 'sum', samples, exemplars: [], ...more };
}

function told(...pieces: readonly SnapshotPiece[]): ProcessNumbers {
  const numbers = new ProcessNumbers();
  numbers.add(pieces);
  numbers.complete([]);
  return numbers;
}

async function rendered(
  ...processes: readonly { readonly families: ReadonlyMap<string, FamilyNumbers> }[]
): Promise<readonly string[]> {
  let text = '';
  const families = processes.map((each) => each.families);
  for await (const slice of renderProcesses(families, 'openmetrics')) text += slice;
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the number that a process sent', () => {
  it('counts once its snapshot is complete', async () => {
    const numbers = told(piece('orders_total', [['orders_total', 1]]));
    numbers.add([piece('orders_total', [['orders_total', 2]])]);
    expect(await rendered(numbers)).toEqual(['orders_total 1']);
    numbers.abandon();
    numbers.add([piece('orders_total', [['orders_total', 3]])]);
    numbers.complete([]);
    expect(await rendered(numbers)).toEqual(['orders_total 3']);
  });

  it('loses a series that is gone and gains a series that is new, whatever came in between', async () => {
    const of = (series: Readonly<Record<string, number>>): SnapshotPiece =>
      piece(
        'orders_total',
        Object.entries(series).map(([kind, value]) => [`orders_total{kind="${kind}"}`, value]),
      );
    const shown = async (): Promise<readonly string[]> =>
      (await rendered(numbers)).map((line) => line.replace('orders_total', ''));
    const numbers = told(of({ a: 1, b: 2, c: 3 }));
    numbers.add([of({ d: 9, b: 9 })]);
    numbers.abandon();
    expect(await shown()).toEqual(['{kind="a"} 1', '{kind="b"} 2', '{kind="c"} 3']);
    numbers.add([of({ e: 5, c: 4, a: 2 })]);
    numbers.complete([]);
    expect([...(await shown())].sort()).toEqual(['{kind="a"} 2', '{kind="c"} 4', '{kind="e"} 5']);
    numbers.add([of({ f: 9 })]);
    numbers.amend([of({ g: 7, a: 3 })]);
    expect([...(await shown())].sort()).toEqual(['{kind="a"} 3', '{kind="c"} 4', '{kind="e"} 5', '{kind="g"} 7']);
    numbers.abandon();
    numbers.amend([of({ h: 1 })]);
    expect([...(await shown())].sort()).toEqual([
      '{kind="a"} 3',
      '{kind="c"} 4',
      '{kind="e"} 5',
      '{kind="g"} 7',
      '{kind="h"} 1',
    ]);
    numbers.add([of({ f: 6, g: 8 })]);
    numbers.complete([]);
    expect([...(await shown())].sort()).toEqual(['{kind="f"} 6', '{kind="g"} 8']);
  });

  it('loses nothing if newer counts come in the middle of a snapshot', async () => {
    const orders = (value: number) => piece('orders_total', [['orders_total', value]]);
    const requests = (...values: readonly number[]) =>
      piece(
        'requests_total',
        values.map((value, i) => [`requests_total{route="${i}"}`, value]),
      );
    const numbers = told(orders(1), requests(1));
    numbers.add([orders(2), requests(2, 2)]);
    numbers.amend([requests(3, 3, 3)]);
    numbers.amend([requests(4)]);
    const counts = (...values: readonly number[]) => values.map((value, i) => `requests_total{route="${i}"} ${value}`);
    expect(await rendered(numbers)).toEqual(['orders_total 1', ...counts(4, 3, 3)]);
    numbers.add([piece('items_total', [['items_total', 5]])]);
    numbers.complete([]);
    expect(await rendered(numbers)).toEqual(['orders_total 2', ...counts(4, 3, 3), 'items_total 5']);
    numbers.add([orders(3), requests(5, 6, 7, 8), piece('items_total', [['items_total', 6]])]);
    numbers.complete([]);
    expect(await rendered(numbers)).toEqual(['orders_total 3', ...counts(5, 6, 7, 8), 'items_total 6']);
  });

  it('does not change during a read when the next snapshot comes', async () => {
    const numbers = told(piece('orders_total', [['orders_total', 1]]));
    const { families } = numbers;
    numbers.add([
      piece('orders_total', [
        ['orders_total', 2],
        ['orders_total{kind="new"}', 1],
      ]),
    ]);
    numbers.complete([]);
    expect(await rendered({ families })).toEqual(['orders_total 1']);
  });

  it('is combined by series, even if processes have different series', async () => {
    const of = (aggregator: SnapshotPiece['aggregator'], ...series: readonly [string, number][]) =>
      told(piece('depth', series, { type: 'gauge', aggregator }));
    const first = of('average', ['depth{end="a"}', 1], ['depth{end="b"}', 2]);
    const second = of('average', ['depth{end="c"}', 5], ['depth{end="b"}', 4]);
    const third = of('average', ['depth{end="c"}', 7], ['depth{end="d"}', 1], ['depth{end="b"}', 6]);
    expect(await rendered(first, second, third)).toEqual([
      'depth{end="a"} 1',
      'depth{end="b"} 4',
      'depth{end="c"} 6',
      'depth{end="d"} 1',
    ]);
    // The numbers of the first process are not changed by that.
    expect(await rendered(first)).toEqual(['depth{end="a"} 1', 'depth{end="b"} 2']);
  });

  it('spells a series as another process does: default labels of the registry in the order of their names', async () => {
    const registry = new Registry();
    registry.setDefaultLabels({ zone: 'z', app: 'shop' });
    const metrics = createMetrics({ registry });
    metrics.record(metrics.route('GET', '/"a"'), 200, 0.1);
    const series: string[] = [];
    for await (const pieces of snapshotRegistry(registry, 1_000, new Set())) {
      for (const { samples } of pieces) series.push(...samples.map(([each]) => each));
    }
    const labels = 'method="GET",route="/\\"a\\"",status_code="200",app="shop",zone="z"';
    expect(series).toContain(`http_requests_total{${labels}}`);
    expect(series).toContain(`http_request_duration_seconds_bucket{le="+Inf",${labels}}`);
    expect(series).toContain(`http_request_duration_seconds_count{${labels}}`);
    expect(series).toContain('coalmine_objective_latency_seconds{app="shop",zone="z"}');
  });

  it('keeps a metric that could not be read this time, and loses one that is gone', async () => {
    const numbers = told(piece('slow_total', [['slow_total', 5]]), piece('gone_total', [['gone_total', 6]]));
    numbers.add([piece('orders_total', [['orders_total', 1]])]);
    numbers.complete(['slow_total']);
    expect([...(await rendered(numbers))].sort()).toEqual(['orders_total 1', 'slow_total 5']);
  });

  it('may be a number that JSON cannot write', async () => {
    const registry = new Registry();
    const depth = new Gauge({ name: 'depth', help: 'Depth', labelNames: ['end'], registers: [registry] });
    depth.set({ end: 'up' }, Number.POSITIVE_INFINITY);
    depth.set({ end: 'down' }, Number.NEGATIVE_INFINITY);
    depth.set({ end: 'none' }, Number.NaN);
    const numbers = new ProcessNumbers();
    for await (const pieces of snapshotRegistry(registry, 1_000, new Set())) {
      numbers.add(JSON.parse(JSON.stringify(pieces)) as SnapshotPiece[]);
    }
    numbers.complete([]);
    expect(await rendered(numbers)).toEqual([
      'depth{end="up"} +Inf',
      'depth{end="down"} -Inf',
      'depth{end="none"} NaN',
    ]);
  });

  it('carries exemplars, of which the latest is shown', async () => {
    const exemplar = (trace: string, timestamp: number): SnapshotPiece['exemplars'][number] => [
      'orders_total',
      { labelSet: { trace_id: trace }, value: 1, timestamp },
    ];
    const processes = [exemplar('old', 1), exemplar('new', 3), exemplar('older', 2)].map((each) =>
      told(piece('orders_total', [['orders_total', 1]], { exemplars: [each] })),
    );
    expect(await rendered(...processes)).toEqual(['orders_total 3 # {trace_id="new"} 1 3']);
  });

  it('is sent in small pieces, which agree within a histogram', async () => {
    const registry = new Registry();
    const metrics = createMetrics({ registry, maxRoutes: 500 });
    for (let i = 0; i < 500; i++) metrics.record(metrics.route('GET', `/items/${i}`), 200, 0.1);
    const numbers = new ProcessNumbers();
    let pieces = 0;
    for await (const some of snapshotRegistry(registry, 1_000, new Set())) {
      for (const each of some) expect(each.samples.length).toBeLessThan(550);
      pieces += some.length;
      numbers.add(some);
      for (const route of metrics.routes()) metrics.record(route, 200, 0.1);
    }
    expect(pieces).toBeGreaterThan(20);
    numbers.complete([]);
    const samples = numbers.families.get('http_request_duration_seconds')?.samples ?? new Samples();
    const items = [...samples].filter(([series]) => series.includes('_count{') && series.includes('"200"'));
    expect(items).toHaveLength(501);
    for (const [series, count] of items) {
      const bucket = series.replace('_count{', '_bucket{le="+Inf",');
      expect(samples.get(bucket)).toBe(count);
    }
  });
});

describe('the count of a process that ended', () => {
  it('stays in the sum: counters, histograms, and the totals of summaries', async () => {
    const departed = new DepartedNumbers(100);
    for (const count of [1, 2]) {
      const gone = told(
        piece('orders_total', [['orders_total', count]]),
        piece('wait_seconds', [['wait_seconds_bucket{le="1"}', count]], { type: 'histogram' }),
        piece(
          'size',
          [
            ['size{quantile="0.5"}', 9],
            ['size_sum', count],
            ['size_count', 1],
          ],
          { type: 'summary' },
        ),
        piece('depth', [['depth', 7]], { type: 'gauge' }),
        piece('highest_total', [['highest_total', count]], { aggregator: 'max' }),
        piece('first_total', [['first_total', count]], { aggregator: 'first' }),
      );
      expect(departed.add(gone)).toBe(true);
    }
    expect(await rendered(departed)).toEqual([
      'orders_total 3',
      'wait_seconds_bucket{le="1"} 3',
      'size_sum 3',
      'size_count 2',
      'highest_total 2',
    ]);
  });

  it('is counted once by a read during which the process ends', async () => {
    const departed = new DepartedNumbers(100);
    departed.add(told(piece('orders_total', [['orders_total', 1]])));
    const going = told(piece('orders_total', [['orders_total', 10]]));
    const families = [going.families, departed.families];
    departed.add(going);
    let text = '';
    for await (const slice of renderProcesses(families, 'text')) text += slice;
    expect(text).toContain('\norders_total 11\n');
    expect(await rendered(departed)).toEqual(['orders_total 11']);
  });

  it('is limited in its series if labels are new with every process', async () => {
    const departed = new DepartedNumbers(3);
    const series = (pid: number): string => `orders_total{pid="${pid}"}`;
    const isKept = [1, 2, 3, 4, 3].map((pid) => departed.add(told(piece('orders_total', [[series(pid), 1]]))));
    expect(isKept).toEqual([true, true, true, false, true]);
    expect(await rendered(departed)).toEqual([`${series(1)} 1`, `${series(2)} 1`, `${series(3)} 2`]);
  });
});
