import { type Ending, OVERFLOW, UNMATCHED } from '@coalmine/metrics';
import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import { ATTRIBUTES } from './attributes.js';
import type { RequestTrace } from './request-trace.js';

/** Has a span say what became of its request, in the words that the series have. `facts` are those of the process. */
export function tell({ span, rpc }: RequestTrace, ending: Ending, facts: () => Attributes): void {
  const { route, status, outcome } = ending;
  // What an instrumentation calls the route when it ends the span: in the span, in its name and in metrics of its own.
  if (rpc !== undefined && route !== undefined && route.pattern !== OVERFLOW) rpc.route = routeOf(ending);
  if (!span?.isRecording()) return;
  span.setAttributes({ ...attributesOf(ending), ...facts() });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, ...messageOf(ending) });
  // An instrumentation takes the status that is set on a response for one that was sent.
  if (outcome !== 'answered' && outcome !== 'streamed') lastly(span, ATTRIBUTES.status, status);
}

function attributesOf(ending: Ending): Attributes {
  const { status, outcome, seconds, isOverdue, route, exclusion, synthetic } = ending;
  const pattern = routeOf(ending);
  return {
    [ATTRIBUTES.outcome]: outcome.replace(/\W/g, '_'),
    [ATTRIBUTES.status]: status,
    [ATTRIBUTES.overdue]: isOverdue,
    ...(status < 500 ? {} : { [ATTRIBUTES.errorType]: String(status) }),
    ...(pattern === undefined ? {} : { [ATTRIBUTES.route]: pattern }),
    ...(route === undefined ? {} : { [ATTRIBUTES.overObjective]: seconds > route.objective.latency }),
    ...(exclusion === undefined
      ? {}
      : { [ATTRIBUTES.excludedReason]: exclusion.reason, [ATTRIBUTES.excludedAuthority]: exclusion.authority }),
    ...(synthetic === undefined ? {} : { [ATTRIBUTES.synthetic]: synthetic }),
  };
}

/** `http.route`, which the conventions leave out where no route is known. */
function routeOf({ route }: Pick<Ending, 'route'>): string | undefined {
  return route === undefined || route.pattern === UNMATCHED || route.pattern === OVERFLOW ? undefined : route.pattern;
}

function messageOf({ outcome, seconds }: Ending): { readonly message?: string } {
  if (outcome === 'left') return { message: `The client gave up after ${seconds.toFixed(3)} s without an answer` };
  return outcome === 'broken' ? { message: 'The response broke off' } : {};
}

/** Sets an attribute when the span is about to end, after whatever else was set on it. */
function lastly(span: Span, name: string, value: number): void {
  Object.defineProperty(span, 'end', {
    configurable: true,
    writable: true,
    value(this: Span, ...args: Parameters<Span['end']>) {
      // What the prototype has is there again.
      delete (span as { end?: unknown }).end;
      span.setAttribute(name, value);
      span.end(...args);
    },
  });
}
