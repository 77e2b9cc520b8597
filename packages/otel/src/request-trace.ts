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

/** What HTTP instrumentations keep in the context of a request, for whoever knows more of it than they do. */
interface RpcMetadata {
  readonly type: string;
  readonly span: Span;
  /** What `http.route` will be. */
  route?: string | undefined;
}

// The key of `@opentelemetry/core`: the API makes equal keys of equal names.
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

/** The trace of a request: its server span, and where the name of its route goes. */
export interface RequestTrace extends Trace {
  /** The server span, where it records. */
  readonly span: Span | undefined;
  readonly rpc: RpcMetadata | undefined;
}

/**
 * The trace of the request in hand; `undefined` where nobody traces it.
 *
 * The active span may be one of a middleware or a hook: the server span is that of the HTTP instrumentation, and only
 * where there is none the active one.
 */
export function activeTrace(): RequestTrace | undefined {
  const active = context.active();
  const rpc = rpcOf(active);
  const span = rpc?.span ?? trace.getSpan(active);
  if (span === undefined) return undefined;
  const isRecording = span.isRecording();
  // Without anything to say, nothing is kept: an unsampled request costs no more than this look.
  if (!isRecording && rpc === undefined) return undefined;
  return { context: isRecording ? sampled(span.spanContext()) : undefined, span: isRecording ? span : undefined, rpc };
}

function rpcOf(active: Context): RpcMetadata | undefined {
  const rpc = active.getValue(RPC_METADATA) as RpcMetadata | undefined;
  return rpc?.type === 'http' && rpc.span !== undefined ? rpc : undefined;
}

/** A span may record for nobody but a processor here: its trace would be found nowhere. */
function sampled(spanContext: SpanContext): TraceContext | undefined {
  return (spanContext.traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : spanContext;
}
