import { choiceOption, objectOption } from '@coalmine/options';
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import type { Histogram, Instrument, Scalar } from './instruments.js';
import {
  CUMULATIVE,
  type DataPoint,
  DELTA,
  GAUGE,
  HISTOGRAM,
  type HistogramValue,
  type MetricData,
  type MetricProducer,
  NO_RESOURCE,
  SUM,
} from './metric-data.js';
import { SCOPE } from './publish.js';
import { takeOver } from './services.js';
import { type Counted, createSinceLast } from './since-last.js';

/** Whether a point says what came since the process began, or since the last collection. */
export type Temporality = 'cumulative' | 'delta';

export interface MetricProducerOptions {
  /**
   * Of counters and histograms, as the exporter of the reader has it.
   * @defaultValue what `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` says, else `'cumulative'`
   */
  readonly temporality?: Temporality;
}

const TEMPORALITIES: readonly Temporality[] = ['cumulative', 'delta'];

/**
 * The metrics of every service of this process that has telemetry, for one metric reader of OpenTelemetry's SDK:
 * `new PeriodicExportingMetricReader({ exporter, metricProducers: [createMetricProducer()] })`.
 *
 * The API has no histogram that is observed, so that each request would have to call the SDK, and its counters begin when
 * they are first collected: a process that fails at once would have failed never. This one reads the cells when the reader
 * collects, and knows since when they count. It may be made before there is a service. Throws `CoalmineError` when an
 * option is invalid.
 */
export function createMetricProducer(options?: MetricProducerOptions): MetricProducer {
  const given = objectOption('metricProducer', options, ['temporality']);
  const temporality = choiceOption('metricProducer.temporality', given.temporality, TEMPORALITIES, preferred());
  const isDelta = temporality === 'delta';
  const sinceLast = createSinceLast();
  const madeAt = epochSeconds();
  const published = takeOver();

  return {
    async collect() {
      const now = epochSeconds();
      const scopeMetrics = published().map((instruments) => ({
        scope: { name: SCOPE },
        metrics: instruments.map((instrument) => dataOf(instrument, now)),
      }));
      return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors: [] };
    },
  };

  function dataOf(instrument: Instrument, now: number): MetricData {
    const { name, description, unit } = instrument;
    const descriptor = { name, description, unit, valueType: ValueType.DOUBLE };
    const isGrowing = instrument.kind === 'histogram' || instrument.kind === 'counter';
    const common = { descriptor, aggregationTemporality: isDelta && isGrowing ? DELTA : CUMULATIVE } as const;
    if (instrument.kind === 'histogram') {
      return { ...common, dataPointType: HISTOGRAM, dataPoints: histogramPoints(instrument, now) };
    }
    const dataPoints = scalarPoints(instrument, now);
    if (instrument.kind === 'gauge') return { ...common, dataPointType: GAUGE, dataPoints };
    return { ...common, dataPointType: SUM, dataPoints, isMonotonic: isGrowing };
  }

  function histogramPoints({ name, bounds, read }: Histogram, now: number): DataPoint<HistogramValue>[] {
    const points: DataPoint<HistogramValue>[] = [];
    for (const { attributes, timings, timedFrom } of read()) {
      if (timings === undefined) continue;
      const { from, numbers } = shown(name, attributes, { from: timedFrom, numbers: timings }, now);
      const counts = Array.from(numbers.subarray(0, bounds.length + 1));
      const count = counts.reduce((sum, each) => sum + each, 0);
      // Where nothing was added, a delta says nothing.
      if (isDelta && count === 0) continue;
      const value = { buckets: { boundaries: [...bounds], counts }, sum: numbers[bounds.length + 1] as number, count };
      points.push({ startTime: timeOf(from), endTime: timeOf(now), attributes, value });
    }
    return points;
  }

  function scalarPoints({ name, kind, read }: Scalar, now: number): DataPoint<number>[] {
    const points: DataPoint<number>[] = [];
    for (const { attributes, value: whole, from: zero = madeAt } of read()) {
      const counted = { from: zero, numbers: Float64Array.of(whole) };
      const { from, numbers } = kind === 'counter' ? shown(name, attributes, counted, now) : counted;
      const value = numbers[0] as number;
      if (isDelta && kind === 'counter' && value === 0) continue;
      points.push({ startTime: timeOf(from), endTime: timeOf(now), attributes, value });
    }
    return points;
  }

  function shown(name: string, attributes: Attributes, whole: Counted, now: number): Counted {
    return isDelta ? sinceLast(name, attributes, whole, now) : whole;
  }
}

/** Source: OpenTelemetry specification, OTLP metrics exporter. */
function preferred(): Temporality {
  const { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: preference = '' } = process.env;
  return /^(?:delta|lowmemory)$/i.test(preference) ? 'delta' : 'cumulative';
}

function epochSeconds(): number {
  return Date.now() / 1000;
}

/** Epoch seconds as OpenTelemetry has times: whole seconds, and nanoseconds. */
function timeOf(seconds: number): HrTime {
  const whole = Math.trunc(seconds);
  return [whole, Math.round(1e9 * (seconds - whole))];
}
