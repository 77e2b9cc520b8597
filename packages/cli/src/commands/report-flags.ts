import { Option } from 'commander';
import type { TraceOptions } from '../analyze/traces/traces.js';
import { countOf, traceUrlOf } from './values.js';

/** What a user says of the traces that a report shows. */
export interface TraceFlags {
  readonly exemplars?: number;
  readonly traceUrl?: string;
}

/** Returns the flags of whatever reports on an analysis. */
export function reportFlags(): readonly Option[] {
  return [
    new Option(
      '--exemplars [number]',
      'of each failed metric, so many traces of the requests that made it fail, from the exemplars that Prometheus has',
    )
      .preset('10')
      .argParser(countOf),
    new Option('--trace-url <url>', 'link them, such as http://jaeger:16686/trace/{trace_id}; implies --exemplars')
      .argParser(traceUrlOf)
      .implies({ exemplars: 10 }),
    new Option(
      '--report <file>',
      'write a report: Markdown where the file ends with .md, else HTML with every measurement',
    ),
  ];
}

/** Returns how to look for traces: nothing where nobody asked. */
export function tracesOf({ exemplars, traceUrl }: TraceFlags): { readonly traces?: TraceOptions } {
  if (exemplars === undefined) return {};
  return { traces: { most: exemplars, ...(traceUrl === undefined ? {} : { url: traceUrl }) } };
}
