import type { Metrics } from '@coalmine/metrics';
import { choiceOption, objectOption } from '@coalmine/options';
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { type HistogramData, type HistogramPoint, type MetricProducer, NO_RESOURCE } from './metric-data.js';
import { pointsOf, type TimedPoint, withheldPointsOf } from './points.js';
import { SCOPE } from './scope.js';
import { published } from './services.js';

/** Whether a point says what came since the process began, or since the last collection. */
export type Temporality = 'cumulative' | 'delta';

export interface MetricProducerOptions {
  /**
   * As the exporter of the reader has it.
   * @defaultValue what `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` says of histograms, else `'cumulative'`
   */
  readonly temporality?: Temporality;
}

/**
 * The durations of every service of this process that has telemetry, for one metric reader of OpenTelemetry's SDK:
 * `new PeriodicExportingMetricReader({ exporter, metricProducers: [createMetricProducer()] })`.
 *
 * The API has no histogram that is observed: with it, each request would have to call the SDK. This one reads the cells
 * when the reader collects. It may be made before there is any service. Throws `CoalmineError` when an option is invalid.
 */
export function createMetricProducer(options?: MetricProducerOptions): MetricProducer {
  const given = objectOption('metricProducer', options, ['temporality']);
  const temporality = choiceOption('metricProducer.temporality', given.temporality, TEMPORALITIES, preferred());
  const isDelta = temporality === 'delta';
  const sinceLast = createSinceLast();

  return {
    async collect() {
      const now = Date.now() / 1000;
      const scopeMetrics = Array.from(published(), (metrics) => ({
        scope: { name: SCOPE },
        metrics: [
          histogram(
            'http.server.request.duration',
            'Duration of HTTP server requests.',
            metrics,
            pointsOf(metrics),
            now,
          ),
          histogram(
            'coalmine.excluded_request_duration',
            'Durations kept out of those of users, by reason',
            metrics,
            withheldPointsOf(metrics),
            now,
          ),
        ],
      }));
      return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors: [] };
    },
  };

  function histogram(
    name: string,
    description: string,
    { bounds }: Metrics,
    points: Iterable<TimedPoint>,
    now: number,
  ): HistogramData {
    const dataPoints: HistogramPoint[] = [];
    for (const { attributes, timings, timedFrom } of points) {
      if (timings === undefined) continue;
      const whole = { from: timedFrom, timings };
      const { from, timings: shown } = isDelta ? sinceLast(attributes, whole, now) : whole;
      const counts = Array.from(shown.subarray(0, bounds.length + 1));
      const count = counts.reduce((sum, each) => sum + each, 0);
      // Of nothing new, a delta says nothing.
      if (isDelta && count === 0) continue;
      dataPoints.push({
        startTime: timeOf(from),
        endTime: timeOf(now),
        attributes,
        value: { buckets: { boundaries: [...bounds], counts }, sum: shown[bounds.length + 1] as number, count },
      });
    }
    return {
      descriptor: { name, description, unit: 's', valueType: ValueType.DOUBLE },
      aggregationTemporality: isDelta ? 0 : 1,
      dataPointType: 0,
      dataPoints,
    };
  }
}

const TEMPORALITIES: readonly Temporality[] = ['cumulative', 'delta'];

/** Source: OpenTelemetry specification, OTLP metrics exporter: `lowmemory` has deltas of histograms. */
function preferred(): Temporality {
  const { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: preference = '' } = process.env;
  return /^(?:delta|lowmemory)$/i.test(preference) ? 'delta' : 'cumulative';
}

interface Timings {
  /** Epoch seconds. */
  readonly from: number;
  readonly timings: Float64Array;
}

/** Answers what has come since it was asked the last time for the same attributes; all, after a reset. */
function createSinceLast(): (attributes: Attributes, whole: Timings, now: number) => Timings {
  const last = new WeakMap<Attributes, Timings & { readonly at: number }>();
  return (attributes, whole, now) => {
    const before = last.get(attributes);
    last.set(attributes, { ...whole, timings: whole.timings.slice(), at: now });
    if (before === undefined || before.from !== whole.from) return whole;
    return { from: before.at, timings: whole.timings.map((count, i) => count - (before.timings[i] as number)) };
  };
}

/** Epoch seconds as OpenTelemetry has times: whole seconds, and nanoseconds. */
function timeOf(epochSeconds: number): HrTime {
  const seconds = Math.trunc(epochSeconds);
  return [seconds, Math.round((epochSeconds - seconds) * 1e9)];
}
