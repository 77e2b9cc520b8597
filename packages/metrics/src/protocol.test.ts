import { describe, expect, it } from 'vitest';
import { Exchange } from './in-flight.js';
import { parseNames } from './names.js';
import { PLAIN_PART, type Protocol, partOf, protocolOf } from './protocol.js';
import { Recorder } from './recorder.js';

const createRecorder = (): Recorder =>
  new Recorder({
    names: parseNames(undefined),
    labels: {},
    bounds: [0.1],
    objective: { latency: 0.1, patience: 1 },
    maxRoutes: 10,
    durationStatus: 'code',
    created: false,
    now: () => 0,
  });

describe('a protocol', () => {
  it.each<[string, boolean, Protocol | undefined]>([
    ['1.1', false, undefined],
    ['1.0', false, { scheme: 'http', version: '1.0' }],
    ['1.1', true, { scheme: 'https', version: '1.1' }],
    ['2.0', true, { scheme: 'https', version: '2' }],
    ['2.0', false, { scheme: 'http', version: '2' }],
  ])('of HTTP/%s, encrypted: %s, is %j', (version, isEncrypted, protocol) => {
    expect(protocolOf(version, isEncrypted)).toEqual(protocol);
    expect(protocolOf(version, isEncrypted)).toBe(protocolOf(version, isEncrypted));
  });

  it('has counts of its own below the cell that counts all protocols', () => {
    const recorder = createRecorder();
    const route = recorder.route('GET', '/');
    const exchange = new Exchange(route, 0);
    exchange.protocol = protocolOf('2.0', true);
    recorder.record(route, 200, 0.07);
    recorder.record(route, 200, 0.05, exchange);
    recorder.record(route, 200, undefined, exchange);
    recorder.record(route, 200, 0.06);
    const cell = route.cell(200);
    const part = cell?.parts?.get(partOf(exchange.protocol));
    expect([cell?.requests, [...(cell?.timings ?? [])]]).toEqual([4, [3, 0, 0.07 + 0.05 + 0.06]]);
    expect([part?.requests, [...(part?.timings ?? [])]]).toEqual([2, [1, 0, 0.05]]);
    // What came before anything else did, and after it: added up, and never taken off, which would not be exact.
    const plain = cell?.parts?.get(PLAIN_PART);
    expect([plain?.requests, [...(plain?.timings ?? [])]]).toEqual([2, [2, 0, 0.07 + 0.06]]);
    cell?.reset(1);
    cell?.resetTimings(1);
    expect([part?.requests, [...(part?.timings ?? [])]]).toEqual([0, [0, 0, 0]]);
  });

  it('leaves the plain part without durations if the first request used another protocol', () => {
    const recorder = createRecorder();
    const route = recorder.route('GET', '/');
    const exchange = new Exchange(route, 0);
    exchange.protocol = protocolOf('2.0', true);
    recorder.record(route, 200, 0.05, exchange);
    const parts = route.cell(200)?.parts;
    expect(parts?.get(PLAIN_PART)).toMatchObject({ requests: 0, timings: undefined, timedFrom: 0 });
    expect([...(parts?.get(partOf(exchange.protocol))?.timings ?? [])]).toEqual([1, 0, 0.05]);
  });

  it('has a separate part for a sent status other than the counted one', () => {
    expect(partOf()).toBe(PLAIN_PART);
    expect(partOf(undefined, 200)).toBe(partOf(undefined, 200));
    expect(partOf(undefined, 200)).toEqual({ protocol: PLAIN_PART.protocol, sentStatus: 200 });
    expect(partOf(protocolOf('2.0', true), 200)).not.toBe(partOf(undefined, 200));
  });
});
