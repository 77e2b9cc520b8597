/**
 * Names of attributes. Source: OpenTelemetry semantic conventions, which have those without `coalmine`; the others are ours, and what
 * stands behind a dot in them is what the series of Coalmine call it.
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
  /** Whether it took longer than the patience of its route. */
  overdue: 'coalmine.overdue',
  /** Whether it took longer than the objective of its route. */
  overObjective: 'coalmine.over_objective',
  /** Why it is no user's. */
  excludedReason: 'coalmine.excluded.reason',
  /** Who vouches for that: a route, the id of a key, `peer`, `forwarded`. */
  excludedAuthority: 'coalmine.excluded.authority',
  /** Whether the pod was warm. */
  podWarm: 'coalmine.pod.warm',
  /** With the name of a source behind it: the state of that schema. */
  schemaState: 'coalmine.schema.state',
} as const;
