import { OVERFLOW, type Route, UNMATCHED } from '@coalmine/metrics';
import type { Ending } from '@coalmine/node';
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { metricsOf, type SentSpan, startSpan } from './fixtures/installed.js';
import { tell } from './tell.js';

const metrics = metricsOf({ objective: { latency: 1 } });
const ROUTE = metrics.route('GET', '/items/:id');
const NO_ROUTE = metrics.route('GET', UNMATCHED);

/** Returns the end of a request that was answered quickly. */
function ending(changes: Partial<Ending> = {}): Ending {
  return {
    route: ROUTE,
    status: 200,
    failure: undefined,
    outcome: 'answered',
    seconds: 1,
    isOverdue: false,
    exclusion: undefined,
    synthetic: undefined,
    ...changes,
  };
}

/** Tells a span of an end, and returns the span. */
function told(changes: Partial<Ending> = {}, span: SentSpan = startSpan()): SentSpan {
  tell({ context: undefined, span, rpc: undefined }, ending(changes), () => {});
  return span;
}

describe('the span of a request', () => {
  it('has the outcome, and nothing that is not known', () => {
    const span = told();
    expect(span.attributes).toEqual({
      'coalmine.outcome': 'answered',
      'http.response.status_code': 200,
      'http.route': '/items/:id',
      'coalmine.overdue': false,
      'coalmine.over_objective': false,
    });
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
  });

  it('is over its objective past the latency of its route, and not at the latency', () => {
    expect(told({ seconds: 1.001, isOverdue: true }).attributes).toMatchObject({
      'coalmine.over_objective': true,
      'coalmine.overdue': true,
    });
  });

  it('says who is no user, and compares no objective without a route', () => {
    const exclusion = { reason: 'signed', authority: 'k6' };
    const { attributes } = told({ route: undefined, exclusion, synthetic: 'test' });
    expect(attributes).toEqual({
      'coalmine.outcome': 'answered',
      'http.response.status_code': 200,
      'coalmine.overdue': false,
      'coalmine.excluded.reason': 'signed',
      'coalmine.excluded.authority': 'k6',
      'user_agent.synthetic.type': 'test',
    });
  });

  it('of a stream has no latency', () => {
    const { attributes } = told({ outcome: 'streamed', seconds: 500, isOverdue: true });
    expect(attributes).not.toHaveProperty('coalmine.overdue');
    expect(attributes).not.toHaveProperty('coalmine.over_objective');
  });

  it.each([UNMATCHED, OVERFLOW])('names no route for %s', (pattern) => {
    expect(told({ route: { ...ROUTE, pattern } as Route }).attributes).not.toHaveProperty('http.route');
  });

  it.each<[changes: Partial<Ending>, errorType: string | undefined, message: string | undefined]>([
    [{ status: 499, outcome: 'left', seconds: 0.5 }, undefined, undefined],
    [{ status: 500 }, '500', undefined],
    [{ status: 504, outcome: 'left', seconds: 2.00051 }, '504', 'The client gave up after 2.001 s without a response'],
    [{ status: 500, outcome: 'broken' }, '500', 'The response broke off'],
    [{ failure: { status: 503, reason: undefined } }, '503', undefined],
    [{ failure: { status: 503, reason: 'no stock' } }, '503', 'no stock'],
    [{ status: 502, failure: { status: 503, reason: 'no stock' } }, '502', 'no stock'],
    [{ status: 500, outcome: 'broken', failure: { status: 503, reason: '' } }, '500', ''],
  ])('fails for %j with the type %s', (changes, errorType, message) => {
    const { attributes, status } = told(changes);
    expect(attributes['error.type']).toBe(errorType);
    const code = errorType === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR;
    expect(status).toEqual({ code, ...(message === undefined ? {} : { message }) });
    expect(attributes['coalmine.failure.reason']).toBe(changes.failure?.reason);
  });

  it.each<[outcome: string, attribute: string, sentLast: boolean]>([
    ['answered', 'answered', false],
    ['streamed', 'streamed', false],
    ['left', 'left', true],
    ['left mid-body', 'left_mid_body', true],
    ['refused', 'refused', true],
    ['broken', 'broken', true],
  ])('after %s is called %s, and keeps its status against an instrumentation: %s', (outcome, attribute, sentLast) => {
    const span = told({ outcome, status: 499 });
    // An instrumentation sets what it finds on the response, and ends the span.
    span.setAttribute('http.response.status_code', 200);
    span.end();
    expect(span.attributes).toMatchObject({
      'coalmine.outcome': attribute,
      'http.response.status_code': sentLast ? 499 : 200,
    });
    expect(span.isRecording()).toBe(false);
    expect(Object.hasOwn(span, 'end')).toBe(false);
  });

  it('keeps an end() that other code has given it', () => {
    const span = startSpan();
    const ends: unknown[][] = [];
    const own = (...args: unknown[]): void => void ends.push(args);
    span.end = own;
    told({ outcome: 'left', status: 499 }, span);
    span.end(5);
    expect(ends).toEqual([[5]]);
    expect(span.end).toBe(own);
  });

  it('records nothing once it has ended', () => {
    const span = startSpan();
    span.end();
    const spans: Span[] = [];
    tell({ context: undefined, span, rpc: undefined }, ending(), (each) => void spans.push(each));
    expect([span.attributes, spans]).toEqual([{}, []]);
  });

  it('gets the facts of the process after its own attributes', () => {
    const span = startSpan();
    tell({ context: undefined, span, rpc: undefined }, ending(), (each) => each.setAttribute('http.route', 'mine'));
    expect(span.attributes['http.route']).toBe('mine');
  });
});

describe('the route of an instrumentation', () => {
  it.each<[changes: Partial<Ending>, route: string | undefined]>([
    [{}, '/items/:id'],
    [{ route: NO_ROUTE, status: 404 }, undefined],
    [{ route: NO_ROUTE, status: 200 }, '/tried'],
    [{ route: { ...ROUTE, pattern: OVERFLOW } as Route, status: 404 }, '/tried'],
    [{ route: undefined, status: 404 }, '/tried'],
  ])('after %j is %s, also for a span that does not record', (changes, route) => {
    const rpc = { type: 'http', span: startSpan(), route: '/tried' as string | undefined };
    tell({ context: undefined, span: undefined, rpc }, ending(changes), () => {});
    expect(rpc.route).toBe(route);
  });
});
