import type { Metrics, Route, Trace } from '@coalmine/metrics';

/** Publishes outside the registry what a service does. `@coalmine/otel` implements it. */
export interface Telemetry {
  start(service: TelemetryService): ServiceTelemetry;
}

/** The telemetry of one service. An error that `begin` or `end` throws is caught, and makes one warning. */
export interface ServiceTelemetry {
  /** Returns what is known of the trace of the current request; `undefined` if nobody traces it. */
  begin(): Trace | undefined;
  /** Receives the end of an exchange, while its span is still open. `trace` is what {@link begin} returned. */
  end(trace: Trace, ending: Ending): void;
  /** Called when the service has ended. */
  stop(): void;
}

/** What a service tells about itself. */
export interface TelemetryService {
  readonly metrics: Metrics;
  /** Whether the durations of users count. */
  isWarm(): boolean;
  /** Returns the state of each schema, by the name of its source. */
  schemaStates(): Readonly<Record<string, string>>;
}

/** How an exchange ended. */
export interface Ending {
  /** The route on which it was counted; `undefined` for an excluded exchange, which counts on no route. */
  readonly route: Route | undefined;
  /** The status that was sent, or that counts if none was sent or the body broke off. */
  readonly status: number;
  /** What the app says about a request that failed although its status does not say so: it counts with that status. */
  readonly failure: { readonly status: number; readonly reason: string | undefined } | undefined;
  /** What the client got: `answered`, `streamed`, `left`, `left mid-body`, `refused` or `broken`. */
  readonly outcome: string;
  /** Seconds since the request arrived. */
  readonly seconds: number;
  /** Whether it took longer than the patience of its route. */
  readonly isOverdue: boolean;
  /** Why it is excluded, and what vouches for that. */
  readonly exclusion: { readonly reason: string; readonly authority: string } | undefined;
  /** Source: OpenTelemetry semantic conventions, `user_agent.synthetic.type`. */
  readonly synthetic: 'bot' | 'test' | undefined;
}
