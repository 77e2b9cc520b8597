import { createRequire } from 'node:module';
import {
  type Context,
  context,
  createContextKey,
  ROOT_CONTEXT,
  type Span,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeTrace } from './request-trace.js';

// The tests of the repository have an SDK.
const installed = createRequire(new URL('../../../test/package.json', import.meta.url));
const { AlwaysOffSampler, BasicTracerProvider } = installed('@opentelemetry/sdk-trace-base');
const { AsyncLocalStorageContextManager } = installed('@opentelemetry/context-async-hooks');

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => {
  context.disable();
});

const start = (options = {}): Span => new BasicTracerProvider(options).getTracer('test').startSpan('GET');

/** Returns the trace of a request in the context of a span, whose HTTP instrumentation keeps some metadata. */
function traceOf(active: Span | undefined, rpc?: object): ReturnType<typeof activeTrace> {
  let within: Context = active === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, active);
  if (rpc !== undefined) within = within.setValue(createContextKey('OpenTelemetry SDK Context Key RPC_METADATA'), rpc);
  return context.with(within, activeTrace);
}

describe('the trace of a request', () => {
  it('is none if nobody traces it', () => {
    expect(traceOf(undefined)).toBeUndefined();
  });

  it('is the active span, if there is no HTTP instrumentation', () => {
    const span = start();
    expect(traceOf(span)).toEqual({ context: span.spanContext(), span, rpc: undefined });
  });

  it('is the server span of the HTTP instrumentation, whichever span is active', () => {
    const [server, middleware] = [start(), start()];
    const rpc = { type: 'http', span: server };
    const found = traceOf(middleware, rpc);
    expect(found?.span).toBe(server);
    expect(found?.rpc).toBe(rpc);
  });

  it('is not the span of another protocol', () => {
    const active = start();
    expect(traceOf(active, { type: 'grpc', span: start() })).toMatchObject({ span: active, rpc: undefined });
    expect(traceOf(active, { type: 'http' })).toMatchObject({ span: active, rpc: undefined });
  });

  it('is nothing if it is not recorded, unless an instrumentation waits for the route', () => {
    const span = start({ sampler: new AlwaysOffSampler() });
    expect(traceOf(span)).toBeUndefined();
    const rpc = { type: 'http', span };
    expect(traceOf(span, rpc)).toEqual({ context: undefined, span: undefined, rpc });
  });

  it('is no exemplar if its span is recorded only for this process', () => {
    const span = start();
    const recorded = Object.create(span, {
      spanContext: { value: () => ({ ...span.spanContext(), traceFlags: TraceFlags.NONE }) },
    }) as Span;
    expect(traceOf(recorded)).toEqual({ context: undefined, span: recorded, rpc: undefined });
  });
});
