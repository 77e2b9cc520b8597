import { describe, expect, it } from 'vitest';
import type { Exemplar } from './exemplar.js';
import { Exchange } from './in-flight.js';
import { parseNames } from './names.js';
import { Recorder } from './recorder.js';
import type { Route } from './route.js';

const OBJECTIVE = { latency: 0.5, patience: 2 };

function traced(route: Route, traceId: string): Exchange {
  const exchange = new Exchange(route, 0);
  exchange.trace = { context: { traceId, spanId: 'b'.repeat(16) } };
  return exchange;
}

describe('exemplars', () => {
  const recorder = new Recorder({
    names: parseNames(undefined),
    labels: {},
    bounds: [0.1, 0.5, 1],
    objective: OBJECTIVE,
    maxRoutes: 10,
    durationStatus: 'code',
    created: false,
    now: () => 0,
  });
  let pages = 0;
  const page = (): Route => recorder.route('GET', `/${++pages}`);
  const idsOf = (route: Route, status: number): readonly (string | undefined)[] =>
    Array.from({ length: 4 }, (_, i) => idOf(route.cell(status)?.exemplars?.[i]));
  const idOf = (exemplar: Exemplar | undefined): string | undefined => Object.values(exemplar?.labelSet ?? {})[0];

  it('stand in the bucket of their duration', () => {
    const route = page();
    recorder.record(route, 200, 0.05, traced(route, 'quick'));
    recorder.record(route, 200, 0.7, traced(route, 'slow'));
    recorder.record(route, 200, 9, traced(route, 'slower'));
    expect(idsOf(route, 200)).toEqual(['quick', undefined, 'slow', 'slower']);
    expect(route.cell(200)?.exemplars?.[2]).toMatchObject({ value: 0.7 });
  });

  it('are the newest slow and failed requests, and not every newest plain request', () => {
    const route = page();
    for (const id of ['first', 'last']) {
      recorder.record(route, 200, 0.05, traced(route, id));
      recorder.record(route, 200, 0.7, traced(route, id));
      recorder.record(route, 503, 0.05, traced(route, id));
    }
    expect(idsOf(route, 200)).toEqual(['first', undefined, 'last', undefined]);
    expect(idsOf(route, 503)).toEqual(['last', undefined, undefined, undefined]);
  });

  it('measure what is slow by the objective of the route', () => {
    const route = recorder.route('GET', '/strict', { latency: 0.1, patience: 1 });
    for (const id of ['first', 'last']) recorder.record(route, 200, 0.3, traced(route, id));
    expect(idsOf(route, 200)).toEqual([undefined, 'last', undefined, undefined]);
  });

  it('stand for errors in the counters, with or without a duration', () => {
    const route = page();
    recorder.record(route, 200, undefined, traced(route, 'fine'));
    recorder.record(route, 404, undefined, traced(route, 'lost'));
    recorder.record(route, 504, 3, traced(route, 'hung'));
    const ids = [200, 404, 504].map((status) => idOf(route.cell(status)?.exemplar));
    expect(ids).toEqual([undefined, 'lost', 'hung']);
    expect(route.cell(504)?.exemplar?.value).toBe(1);
  });

  it('are absent without a trace, or if the trace is not kept', () => {
    const route = page();
    const unkept = new Exchange(route, 0);
    unkept.trace = { context: undefined };
    recorder.record(route, 500, 1, unkept);
    recorder.record(route, 500, 1, new Exchange(route, 0));
    recorder.record(route, 500, 1);
    expect(route.cell(500)).toMatchObject({ requests: 3, exemplar: undefined, exemplars: undefined });
  });

  it('are reset with the numbers that they stand for', () => {
    const route = page();
    recorder.record(route, 500, 1, traced(route, 'gone'));
    route.cell(500)?.reset(1);
    expect(route.cell(500)).toMatchObject({ exemplar: undefined, exemplars: [undefined, undefined, {}] });
    route.cell(500)?.resetTimings(1);
    expect(route.cell(500)?.exemplars).toBeUndefined();
  });
});
