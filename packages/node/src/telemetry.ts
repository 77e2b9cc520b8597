import type { Metrics, Route, Trace } from '@coalmine/metrics';

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
  /** The status that was sent, or that stands for it where none was sent or the body broke off. */
  readonly status: number;
  /** What the app says of a request that failed although its status does not say so: it is counted with that status. */
  readonly failure: { readonly status: number; readonly reason: string | undefined } | undefined;
  /** What the client got: `answered`, `streamed`, `left`, `left mid-body`, `refused` or `broken`. */
  readonly outcome: string;
  /** Since the request arrived. */
  readonly seconds: number;
  /** Whether it took longer than the patience of its route. */
  readonly isOverdue: boolean;
  /** Why it is no user's, and who vouches for that. */
  readonly exclusion: { readonly reason: string; readonly authority: string } | undefined;
  /** Source: OpenTelemetry semantic conventions, `user_agent.synthetic.type`. */
  readonly synthetic: 'bot' | 'test' | undefined;
}
