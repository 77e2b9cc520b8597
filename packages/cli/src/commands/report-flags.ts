import { Option } from 'commander';
import type { TraceOptions } from '../analyze/traces/traces.js';
import { countOf, traceUrlOf } from './values.js';

/** The flags for the traces in a report. */
export interface TraceFlags {
  readonly exemplars?: number;
  readonly traceUrl?: string;
}

/** Returns the flags of every command that reports an analysis. */
export function reportFlags(): readonly Option[] {
  return [
    new Option(
      '--exemplars [number]',
      'show this many traces of the requests that made a metric fail, from the exemplars in Prometheus',
    )
      .preset('10')
      .argParser(countOf),
    new Option(
      '--trace-url <url>',
      'link each trace, such as http://jaeger:16686/trace/{trace_id}; implies --exemplars',
    )
      .argParser(traceUrlOf)
      .implies({ exemplars: 10 }),
    new Option(
      '--report <file>',
      'write a report: Markdown if the file ends with .md, otherwise HTML with every measurement',
    ),
  ];
}

/** Returns how to look for traces; empty if the user did not ask for traces. */
export function tracesOf({ exemplars, traceUrl }: TraceFlags): { readonly traces?: TraceOptions } {
  if (exemplars === undefined) return {};
  return { traces: { most: exemplars, ...(traceUrl === undefined ? {} : { url: traceUrl }) } };
}
