import { Exposition } from './exposition.js';

/** Returns a line for each sample of an exposition. The lines do not depend on the order of the samples and labels. */
export function samplesOf(text: string): readonly string[] {
  const exposition = new Exposition(text);
  const names = new Set(exposition.series().map((series) => series.slice(0, series.indexOf(' '))));
  return [...names].flatMap((name) => exposition.samples(name).map(lineOf)).sort();
}

/** Returns the samples of metrics that a client returns as JSON, in the form of {@link samplesOf}. */
export function samplesOfJson(metrics: readonly MetricJson[]): readonly string[] {
  return metrics
    .flatMap((metric) => metric.values.map((row) => lineOf({ ...row, name: row.metricName ?? metric.name })))
    .sort();
}

interface MetricJson {
  readonly name: string;
  readonly values: readonly Row[];
}

interface Row {
  readonly metricName?: string;
  readonly labels: object;
  readonly value: number;
}

function lineOf({ name, labels, value }: Omit<Row, 'metricName'> & { readonly name: string }): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(String(text))}`);
  return `${name}{${pairs.sort().join(',')}} ${value}`;
}
