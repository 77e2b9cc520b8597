import { labelText } from './label-text.js';
import { numberText } from './number-text.js';

/** The trace of a request: the part of OpenTelemetry's `SpanContext` that an exemplar shows. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

/** One request as an example of the requests that were counted with it. Source: OpenMetrics 1.0, "Exemplars". */
export interface Exemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  /** Seconds in a histogram, 1 in a counter. */
  readonly value: number;
  /** Epoch seconds. */
  readonly timestamp: number;
}

export function exemplarOf({ traceId, spanId }: TraceContext, value: number, timestamp: number): Exemplar {
  return { labelSet: { trace_id: traceId, span_id: spanId }, value, timestamp };
}

/** Returns the text behind a sample in OpenMetrics; empty if there is no exemplar. */
export function exemplarText(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return '';
  const { labelSet, value, timestamp } = exemplar;
  return ` # {${labelText(labelSet)}} ${numberText(value)} ${timestamp}`;
}
