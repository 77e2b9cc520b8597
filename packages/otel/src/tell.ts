import { OVERFLOW, UNMATCHED } from '@coalmine/metrics';
import type { Ending } from '@coalmine/node';
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { ATTRIBUTES } from './attributes.js';
import type { RequestTrace } from './request-trace.js';

/**
 * Has a span say what became of its request, in the words that the series have. `facts` sets those of the process, where
 * there is a span that keeps them.
 */
export function tell({ span, rpc }: RequestTrace, ending: Ending, facts: (span: Span) => void): void {
  // What an instrumentation calls the route when it ends the span: in the span, in its name and in metrics of its own.
  if (rpc !== undefined) {
    const pattern = routeOf(ending);
    if (pattern !== undefined) rpc.route = pattern;
    // No route matched, whatever was tried before. Of what nobody has named, another instrumentation may know more.
    else if (ending.route?.pattern === UNMATCHED && ending.status === 404) rpc.route = undefined;
  }
  if (!span?.isRecording()) return;
  setAttributes(span, ending);
  facts(span);
  const { status, outcome, failure } = ending;
  if (status >= 500 || failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, ...messageOf(ending) });
  // An instrumentation takes the status that is set on a response for one that was sent.
  if (outcome !== 'answered' && outcome !== 'streamed') lastly(span, ATTRIBUTES.status, status);
}

/** One by one, since an object of them would be made for each request and read once. */
function setAttributes(span: Span, ending: Ending): void {
  const { status, outcome, failure, seconds, isOverdue, route, exclusion, synthetic } = ending;
  span.setAttribute(ATTRIBUTES.outcome, outcome.replace(/\W/g, '_'));
  span.setAttribute(ATTRIBUTES.status, status);
  // What the app says of a request comes after the status that was sent.
  const failed = status >= 500 ? status : failure?.status;
  if (failed !== undefined) span.setAttribute(ATTRIBUTES.errorType, String(failed));
  if (failure?.reason !== undefined) span.setAttribute(ATTRIBUTES.failureReason, failure.reason);
  const pattern = routeOf(ending);
  if (pattern !== undefined) span.setAttribute(ATTRIBUTES.route, pattern);
  // The lifetime of a stream is no latency.
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

/** `http.route`, which the conventions leave out where no route is known. */
function routeOf({ route }: Pick<Ending, 'route'>): string | undefined {
  return route === undefined || route.pattern === UNMATCHED || route.pattern === OVERFLOW ? undefined : route.pattern;
}

function messageOf({ outcome, failure, seconds }: Ending): { readonly message?: string } {
  if (failure?.reason !== undefined) return { message: failure.reason };
  if (outcome === 'left') return { message: `The client gave up after ${seconds.toFixed(3)} s without an answer` };
  return outcome === 'broken' ? { message: 'The response broke off' } : {};
}

/** Sets an attribute when the span is about to end, after whatever else was set on it. */
function lastly(span: Span, name: string, value: number): void {
  const own = Object.getOwnPropertyDescriptor(span, 'end');
  Object.defineProperty(span, 'end', {
    configurable: true,
    writable: true,
    value(this: Span, ...args: Parameters<Span['end']>) {
      // As it was.
      if (own === undefined) delete (span as { end?: unknown }).end;
      else Object.defineProperty(span, 'end', own);
      span.setAttribute(name, value);
      span.end(...args);
    },
  });
}
