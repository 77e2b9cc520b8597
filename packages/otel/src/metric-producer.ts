import { Slice } from '@coalmine/metrics';
import { choiceOption, objectOption } from '@coalmine/options';
import { type HrTime, ValueType } from '@opentelemetry/api';
import type { Instrument, Scalar } from './instruments.js';
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
  type ScopeMetrics,
  SUM,
} from './metric-data.js';
import type { ScalarPoint, TimedPoint } from './points.js';
import { SCOPE } from './publish.js';
import { takeOver } from './services.js';
import { createSinceLast } from './since-last.js';

/** Whether a point covers the time since the process started, or since the last collection. */
export type Temporality = 'cumulative' | 'delta';

export interface MetricProducerOptions {
  /**
   * The temporality of counters and histograms, which the exporter of the reader must expect. @defaultValue what
   * `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` says, otherwise `'cumulative'`
   */
  readonly temporality?: Temporality;
}

const TEMPORALITIES: readonly Temporality[] = ['cumulative', 'delta'];

/**
 * Returns the metrics of every service of this process that has telemetry, for one metric reader of OpenTelemetry's
 * SDK: `new PeriodicExportingMetricReader({ exporter, metricProducers: [createMetricProducer()] })`.
 *
 * The API has no histogram that is observed, so each request would have to call the SDK, and its counters start when
 * they are first collected: the first failures of a process would be lost. The producer reads the cells when the reader
 * collects, in slices that yield to the event loop, and knows since when they count. It may be created before there is
 * a service. Throws `CoalmineError` if an option is invalid.
 */
export function createMetricProducer(options?: MetricProducerOptions): MetricProducer {
  const given = objectOption('metricProducer', options, ['temporality']);
  const temporality = choiceOption('metricProducer.temporality', given.temporality, TEMPORALITIES, readPreferred());
  const isDelta = temporality === 'delta';
  const sinceLast = createSinceLast();
  const madeAt = epochSeconds();
  const published = takeOver();

  return {
    async collect() {
      const slice = new Slice();
      const scopeMetrics: ScopeMetrics[] = [];
      for (const instruments of published()) {
        const metrics: MetricData[] = [];
        for (const instrument of instruments) {
          const data = await dataOf(instrument, slice);
          // Prometheus logs a warning for each metric that has no points.
          if (data.dataPoints.length > 0) metrics.push(data);
        }
        if (metrics.length > 0) scopeMetrics.push({ scope: { name: SCOPE }, metrics });
      }
      return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors: [] };
    },
  };

  async function dataOf(instrument: Instrument, slice: Slice): Promise<MetricData> {
    const { name, description, unit } = instrument;
    const descriptor = { name, description, unit, valueType: ValueType.DOUBLE };
    const isGrowing = instrument.kind === 'histogram' || instrument.kind === 'counter';
    const common = { descriptor, aggregationTemporality: isDelta && isGrowing ? DELTA : CUMULATIVE } as const;
    if (instrument.kind === 'histogram') {
      const boundaries = [...instrument.bounds];
      const show = (point: TimedPoint) => histogramPoint(name, boundaries, point);
      return { ...common, dataPointType: HISTOGRAM, dataPoints: await inSlices(instrument.read(), show, slice) };
    }
    const show = (point: ScalarPoint) => scalarPoint(instrument, point);
    const dataPoints = await inSlices(instrument.read(), show, slice);
    if (instrument.kind === 'gauge') return { ...common, dataPointType: GAUGE, dataPoints };
    return { ...common, dataPointType: SUM, dataPoints, isMonotonic: isGrowing };
  }

  function histogramPoint(
    name: string,
    boundaries: number[],
    { attributes, timings, timedFrom }: TimedPoint,
  ): DataPoint<HistogramValue> | undefined {
    if (timings === undefined) return undefined;
    const now = epochSeconds();
    const whole = { from: timedFrom, numbers: timings };
    const { from, numbers } = isDelta ? sinceLast(name, attributes, whole, now) : whole;
    const counts: number[] = [];
    let count = 0;
    for (let i = 0; i <= boundaries.length; i++) {
      const each = numbers[i] as number;
      counts.push(each);
      count += each;
    }
    // If nothing was added, a delta says nothing.
    if (isDelta && count === 0) return undefined;
    const value = { buckets: { boundaries, counts }, sum: numbers[boundaries.length + 1] as number, count };
    return { startTime: timeOf(from), endTime: timeOf(now), attributes, value };
  }

  function scalarPoint(
    { name, kind }: Scalar,
    { attributes, value: whole, from: zero = madeAt }: ScalarPoint,
  ): DataPoint<number> | undefined {
    const now = epochSeconds();
    const isShownSince = isDelta && kind === 'counter';
    if (!isShownSince) return { startTime: timeOf(zero), endTime: timeOf(now), attributes, value: whole };
    const { from, numbers } = sinceLast(name, attributes, { from: zero, numbers: [whole] }, now);
    const value = numbers[0] as number;
    return value === 0 ? undefined : { startTime: timeOf(from), endTime: timeOf(now), attributes, value };
  }
}

/** Yields each point as soon as it is read, and yields to the event loop between two points. */
async function inSlices<Read, Shown>(
  points: Iterable<Read>,
  show: (point: Read) => Shown | undefined,
  slice: Slice,
): Promise<Shown[]> {
  const all: Shown[] = [];
  for (const point of points) {
    const shown = show(point);
    if (shown !== undefined) all.push(shown);
    if (slice.isOver()) await slice.next();
  }
  return all;
}

/** Source: OpenTelemetry specification, OTLP metrics exporter. */
function readPreferred(): Temporality {
  const { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: preference = '' } = process.env;
  return /^(?:delta|lowmemory)$/i.test(preference) ? 'delta' : 'cumulative';
}

function epochSeconds(): number {
  return Date.now() / 1000;
}

/** Returns epoch seconds in the form of OpenTelemetry: whole seconds, and nanoseconds. */
function timeOf(seconds: number): HrTime {
  const whole = Math.trunc(seconds);
  return [whole, Math.round(1e9 * (seconds - whole))];
}
