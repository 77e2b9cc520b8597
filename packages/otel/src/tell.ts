import { OVERFLOW, UNMATCHED } from '@coalmine/metrics';
import type { Ending } from '@coalmine/node';
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { ATTRIBUTES } from './attributes.js';
import type { RequestTrace } from './request-trace.js';

/**
 * Sets the outcome of a request on its span, in the words of the series. `facts` sets the attributes of the process, if
 * a span records them.
 */
export function tell({ span, rpc }: RequestTrace, ending: Ending, facts: (span: Span) => void): void {
  // The route that an instrumentation uses when it ends the span: in the span, in its name and in its own metrics.
  if (rpc !== undefined) {
    const pattern = routeOf(ending);
    if (pattern !== undefined) rpc.route = pattern;
    // No route matched, whatever was tried before. If nobody has named a request, another instrumentation may know
    // more.
    else if (ending.route?.pattern === UNMATCHED && ending.status === 404) rpc.route = undefined;
  }
  if (!span?.isRecording()) return;
  setAttributes(span, ending);
  facts(span);
  const { status, outcome, failure } = ending;
  if (status >= 500 || failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, ...messageOf(ending) });
  // An instrumentation takes the status that is set on a response as sent.
  if (outcome !== 'answered' && outcome !== 'streamed') lastly(span, ATTRIBUTES.status, status);
}

/** Sets the attributes one by one, because an object of them would be created for each request and read once. */
function setAttributes(span: Span, ending: Ending): void {
  const { status, outcome, failure, seconds, isOverdue, route, exclusion, synthetic } = ending;
  span.setAttribute(ATTRIBUTES.outcome, outcome.replace(/\W/g, '_'));
  span.setAttribute(ATTRIBUTES.status, status);
  // The word of the app about a request comes after the status that was sent.
  const failed = status >= 500 ? status : failure?.status;
  if (failed !== undefined) span.setAttribute(ATTRIBUTES.errorType, String(failed));
  if (failure?.reason !== undefined) span.setAttribute(ATTRIBUTES.failureReason, failure.reason);
  const pattern = routeOf(ending);
  if (pattern !== undefined) span.setAttribute(ATTRIBUTES.route, pattern);
  // The lifetime of a stream is not a latency.
  if (outcome !== 'streamed') {
    span.setAttribute(ATTRIBUTES.overdue, isOverdue);
    if (route !== undefined) span.setAttribute(ATTRIBUTES.overObjective, seconds > route.objective.latency);
  }
  if (exclusion !== undefined) {
    span.setAttribute(ATTRIBUTES.excludedReason, exclusion.reason);
    span.setAttribute(ATTRIBUTES.excludedAuthority, exclusion.authority);
  }
  if (synthetic !== undefined) span.setAttribute(ATTRIBUTES.synthetic, synthetic);
}

/** Returns `http.route`, which the conventions leave out if no route is known. */
function routeOf({ route }: Pick<Ending, 'route'>): string | undefined {
  return route === undefined || route.pattern === UNMATCHED || route.pattern === OVERFLOW ? undefined : route.pattern;
}

function messageOf({ outcome, failure, seconds }: Ending): { readonly message?: string } {
  if (failure?.reason !== undefined) return { message: failure.reason };
  if (outcome === 'left') return { message: `The client gave up after ${seconds.toFixed(3)} s without a response` };
  return outcome === 'broken' ? { message: 'The response broke off' } : {};
}

/** Sets an attribute when the span is about to end, after all other attributes. */
function lastly(span: Span, name: string, value: number): void {
  const own = Object.getOwnPropertyDescriptor(span, 'end');
  Object.defineProperty(span, 'end', {
    configurable: true,
    writable: true,
    value(this: Span, ...args: Parameters<Span['end']>) {
      // The span is as it was.
      if (own === undefined) delete (span as { end?: unknown }).end;
      else Object.defineProperty(span, 'end', own);
      span.setAttribute(name, value);
      span.end(...args);
    },
  });
}
