import { otel } from '@coalmine/otel';
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { core, node } from '@opentelemetry/sdk-node';
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace-base';
import { compare } from './rounds.js';
import { wholeExchange } from './whole-exchange.js';

/** Returns the cost that telemetry adds to a whole exchange, for each kind of span. */
export function traces() {
  const [off, on] = [new AlwaysOffSampler(), new AlwaysOnSampler()];
  // `beside` is the index of the contender to subtract: the same span without Coalmine.
  const contenders = [
    { name: 'without `telemetry`', run: untraced(wholeExchange()) },
    { name: '`otel()`, no SDK', run: untraced(wholeExchange({ telemetry: otel() })) },
    { run: traced(off, nothing()) },
    {
      name: '`otel()`, a span that does not record',
      run: traced(off, wholeExchange({ telemetry: otel() })),
      beside: 2,
    },
    { run: traced(on, nothing()) },
    { name: '`otel()`, a span that is sampled', run: traced(on, wholeExchange({ telemetry: otel() })), beside: 4 },
  ];
  const costs = compare(
    contenders.map(({ run }) => run),
    1_000,
  );
  return contenders.flatMap(({ name, beside }, i) => {
    if (name === undefined) return [];
    const own = beside === undefined ? { nanoseconds: 0, bytes: 0 } : costs[beside];
    const nanoseconds = costs[i].nanoseconds - own.nanoseconds;
    return {
      '': name,
      'ns per exchange': nanoseconds.toFixed(0),
      'bytes per exchange': (costs[i].bytes - own.bytes).toFixed(0),
      'ratio to without': (nanoseconds / costs[0].nanoseconds).toFixed(2),
      'ns of the span itself': beside === undefined ? '' : own.nanoseconds.toFixed(0),
    };
  });
}

function nothing() {
  return { begin() {}, end() {} };
}

function untraced({ begin, end }) {
  return (count) => {
    for (let i = 0; i < count; i++) {
      begin();
      end(i);
    }
  };
}

/** Runs each exchange in a server span, as an HTTP instrumentation does. */
function traced(sampler, { begin, end }) {
  const provider = new node.NodeTracerProvider({ sampler, spanProcessors: [] });
  const tracer = provider.getTracer('bench');
  return (count) => {
    // All contenders share one API, so each contender has it only while it runs.
    provider.register();
    for (let i = 0; i < count; i++) {
      const span = tracer.startSpan('GET', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
      const rpc = { type: core.RPCType.HTTP, span };
      context.with(core.setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), rpc), begin);
      end(i);
      span.end();
    }
    for (const api of [context, propagation, trace]) api.disable();
  };
}
