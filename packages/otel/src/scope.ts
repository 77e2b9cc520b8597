/** The instrumentation scope of what is published here. */
export const SCOPE = '@coalmine/otel';

/**
 * The name and the unit of a metric in OpenTelemetry: those of which a Prometheus makes the name that it has here.
 * Source: OpenTelemetry specification, Prometheus compatibility.
 */
export function otelNameOf(name: string): { readonly name: string; readonly unit: string } {
  const dotted = name.replace(/^coalmine_/, 'coalmine.').replace(/_total$/, '');
  return dotted.endsWith('_seconds')
    ? { name: dotted.slice(0, -'_seconds'.length), unit: 's' }
    : { name: dotted, unit: '' };
}
