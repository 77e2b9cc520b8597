import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';

/**
 * Returns the exposition of the metrics that a Prometheus stores when it gets metrics over OTLP: the translation of
 * OpenTelemetry's own serializer, and the units, which this serializer leaves out of the names.
 */
export function asPrometheusNames(metrics: ResourceMetrics): string {
  return withUnits(new PrometheusSerializer(undefined, false, undefined, true, true).serialize(metrics));
}

/** Source: OpenTelemetry specification, Prometheus compatibility. */
function withUnits(text: string): string {
  let translated = text;
  for (const [, name = '', unit = ''] of text.matchAll(/^# UNIT (\S+) (.+)$/gm)) {
    // A text in braces is an annotation.
    if (/^\{.*\}$/.test(unit)) continue;
    if (unit !== 's') throw new Error(`${name} has the unit ${unit}, of which this knows nothing`);
    translated = translated.replaceAll(
      new RegExp(`\\b${name}(?=(?:_bucket|_count|_sum)?[ {])`, 'g'),
      name.replace(/(?:_total)?$/, '_seconds$&'),
    );
  }
  return translated;
}
