/** The code of every warning of Coalmine. docs/errors.md has one heading for each. */
export type CoalmineWarningCode =
  | 'COALMINE_TWO_CLIENTS'
  | 'COALMINE_COLLECT_FAILED'
  | 'COALMINE_METRIC_READ_ONLY'
  | 'COALMINE_ENDPOINT_FAILED'
  | 'COALMINE_CLUSTER_FULL'
  | 'COALMINE_WORKERS_KILLED'
  | 'COALMINE_AUTHORIZE_FAILED'
  | 'COALMINE_UNCLASSIFIED'
  | 'COALMINE_FAIL_STATUS'
  | 'COALMINE_MANY_OPERATIONS'
  | 'COALMINE_OPERATION_UNREAD'
  | 'COALMINE_OPERATION_REQUEST'
  | 'COALMINE_INVALID_OPTION'
  | 'COALMINE_PATH_TAKEN'
  | 'COALMINE_REGISTERED_TWICE'
  | 'COALMINE_ROUTES_UNREAD'
  | 'COALMINE_ROUTES_FOLDED'
  | 'COALMINE_LONG_OBJECTIVE'
  | 'COALMINE_PRIVATE_RANGE'
  | 'COALMINE_WHEN_FAILED'
  | 'COALMINE_EXCLUSION_SUSPENDED'
  | 'COALMINE_EXCLUSION_RESUMED'
  | 'COALMINE_CLASSIFY_FAILED'
  | 'COALMINE_PRIMING_FAILED'
  | 'COALMINE_NOT_LIVE'
  | 'COALMINE_SCHEMA_STATE'
  | 'COALMINE_FLOOR_HIDDEN'
  | 'COALMINE_DETAILS_FAILED'
  | 'COALMINE_CLOSE_FAILED'
  | 'COALMINE_DRAIN_LISTENER_FAILED'
  | 'COALMINE_DRAIN_UNPROTECTED'
  | 'COALMINE_TELEMETRY_FAILED'
  | 'COALMINE_SERVICE_UNNAMED';

/**
 * Emits a warning: a stable code, a sentence, and the object that causes the warning if it could cause it again and
 * again.
 */
export type Warn = (code: CoalmineWarningCode, message: string, cause?: object) => void;

// The codes that each object has caused: a metric that fails to collect fails at every scrape.
const warned = new WeakMap<object, Set<CoalmineWarningCode>>();

/**
 * Emits a process warning of the type `CoalmineWarning`. With a `cause` (a metric, a callback, a registry), the same
 * code is emitted once for that object. Without a `cause`, every call is emitted.
 */
export const warn: Warn = (code, message, cause) => {
  if (cause !== undefined) {
    const codes = warned.get(cause) ?? new Set();
    if (codes.has(code)) return;
    warned.set(cause, codes.add(code));
  }
  process.emitWarning(message, { type: 'CoalmineWarning', code });
};
