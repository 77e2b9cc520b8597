import type { TraceContext } from './exemplar.js';
import type { Metrics } from './metrics.js';
import type { Route } from './route.js';

/** Who publishes what a service does elsewhere than in its registry: the seam that `@coalmine/otel` fits in. */
export interface Telemetry {
  start(service: TelemetryService): ServiceTelemetry;
}

/** What one service tells. What `begin` or `end` throws is contained, and said once. */
export interface ServiceTelemetry {
  /** What is known of the trace of the request in hand; `undefined` where nobody traces it. */
  begin(): Trace | undefined;
  /** What became of an exchange, while its span is still open. `trace` is what {@link begin} answered. */
  end(trace: Trace, ending: Ending): void;
  /** The service is over. */
  stop(): void;
}

/** A trace that a request is part of. */
export interface Trace {
  /** For exemplars: absent where the trace is not kept, which would make them dead links. */
  readonly context: TraceContext | undefined;
}

/** What a service tells of itself. */
export interface TelemetryService {
  readonly metrics: Metrics;
  /** Whether the durations of users count. */
  isWarm(): boolean;
  /** State of each schema, by the name of its source. */
  schemaStates(): Readonly<Record<string, string>>;
}

/** How an exchange ended. */
export interface Ending {
  /** Where it was counted; `undefined` for one that is no user's, and was counted on no route. */
  readonly route: Route | undefined;
  /** The status it was counted with. */
  readonly status: number;
  /** What the client got: `answered`, `streamed`, `left`, `left mid-body`, `refused` or `broken`. */
  readonly outcome: string;
  /** Since it began. */
  readonly seconds: number;
  /** Whether it took longer than the patience of its route. */
  readonly isOverdue: boolean;
  /** Why it is no user's, and who vouches for that. */
  readonly exclusion: { readonly reason: string; readonly authority: string } | undefined;
  /** Source: OpenTelemetry semantic conventions, `user_agent.synthetic.type`. */
  readonly synthetic: 'bot' | 'test' | undefined;
}

/**
 * How a request came. Every one has an object of its own, {@link protocolOf}, which is a key.
 * Source: OpenTelemetry semantic conventions, `url.scheme` and `network.protocol.version`.
 */
export interface Protocol {
  readonly scheme: 'http' | 'https';
  readonly version: string;
}

/** What most requests come by: it is not told apart, so that nothing is paid for it. */
export const PLAIN_PROTOCOL: Protocol = { scheme: 'http', version: '1.1' };

const OTHERS = new Map<string, Protocol>();

/** The protocol of a request, by Node's `httpVersion`; `undefined` for HTTP/1.1 without TLS. */
export function protocolOf(httpVersion: string, isEncrypted: boolean): Protocol | undefined {
  if (httpVersion === '1.1' && !isEncrypted) return undefined;
  const key = isEncrypted ? `https ${httpVersion}` : httpVersion;
  const known = OTHERS.get(key);
  if (known !== undefined) return known;
  // The conventions write "2", where Node writes "2.0".
  const version = httpVersion.replace(/^([2-9])\.0$/, '$1');
  const protocol: Protocol = { scheme: isEncrypted ? 'https' : 'http', version };
  OTHERS.set(key, protocol);
  return protocol;
}
