import type { Trace, TraceContext } from '@coalmine/metrics';
import {
  type Context,
  context,
  createContextKey,
  type Span,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

/** The data that HTTP instrumentations keep in the context of a request, for code that knows more about it. */
interface RpcMetadata {
  readonly type: string;
  readonly span: Span;
  /** The value that `http.route` will get. */
  route?: string | undefined;
}

// The key of `@opentelemetry/core`: the API makes equal keys from equal names.
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

/** The trace of a request: its server span, and the place for the name of its route. */
export interface RequestTrace extends Trace {
  /** The server span, if it records. */
  readonly span: Span | undefined;
  readonly rpc: RpcMetadata | undefined;
}

/**
 * Returns the trace of the current request; `undefined` if nobody traces it.
 *
 * The active span may belong to a middleware or a hook. The server span is the one of the HTTP instrumentation, and the
 * active span only if there is none.
 */
export function activeTrace(): RequestTrace | undefined {
  const active = context.active();
  const rpc = rpcOf(active);
  const span = rpc?.span ?? trace.getSpan(active);
  if (span === undefined) return undefined;
  const isRecording = span.isRecording();
  // Without anything to report, nothing is kept: an unsampled request costs no more than this look.
  if (!isRecording && rpc === undefined) return undefined;
  return {
    context: isRecording ? keepSampled(span.spanContext()) : undefined,
    span: isRecording ? span : undefined,
    rpc,
  };
}

function rpcOf(active: Context): RpcMetadata | undefined {
  const rpc = active.getValue(RPC_METADATA) as RpcMetadata | undefined;
  return rpc?.type === 'http' && rpc.span !== undefined ? rpc : undefined;
}

/**
 * Returns the context of a sampled span. A span may record only for a processor in this process, and its trace would be
 * found nowhere.
 */
function keepSampled(spanContext: SpanContext): TraceContext | undefined {
  return (spanContext.traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : spanContext;
}
