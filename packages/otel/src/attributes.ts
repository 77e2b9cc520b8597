/**
 * Names of attributes. Names without `coalmine` come from the OpenTelemetry semantic conventions. The names behind
 * `coalmine.` are the names that the series of Coalmine use.
 * @see https://opentelemetry.io/docs/specs/semconv/http/
 */
export const ATTRIBUTES = {
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  errorType: 'error.type',
  scheme: 'url.scheme',
  protocolVersion: 'network.protocol.version',
  synthetic: 'user_agent.synthetic.type',
  eventLoopState: 'nodejs.eventloop.state',
  /** What the client got: `answered`, `streamed`, `left`, `left_mid_body`, `refused` or `broken`. */
  outcome: 'coalmine.outcome',
  /** Why the app says that a request failed, whatever its status. */
  failureReason: 'coalmine.failure.reason',
  /** Whether the exchange took longer than the patience of its route. */
  overdue: 'coalmine.overdue',
  /** Whether the exchange took longer than the objective of its route. */
  overObjective: 'coalmine.over_objective',
  /** Why the exchange is excluded. */
  excludedReason: 'coalmine.excluded.reason',
  /** What vouches for that: a route, the id of a key, `peer`, `forwarded`. */
  excludedAuthority: 'coalmine.excluded.authority',
  /** Whether the pod was warm. */
  podWarm: 'coalmine.pod.warm',
  /** Followed by the name of a source: the state of that schema. */
  schemaState: 'coalmine.schema.state',
} as const;
