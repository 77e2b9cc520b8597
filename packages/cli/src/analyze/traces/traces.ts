import type { SeriesExemplars } from '../../prometheus.js';
import type { AnalysisResult, MetricResult, Trace } from '../result.js';
import { type Asked, type Plan, planOf } from './plan.js';
import { names, type TracedSides } from './sides.js';

/** Options of the search for traces of bad requests. */
export interface TraceOptions {
  /** The most traces of one metric. @defaultValue 10 */
  readonly most?: number;
  /** The address of a trace, with `{trace_id}` in it. */
  readonly url?: string;
}

interface Source extends TraceOptions {
  readonly sides: TracedSides;
  /** Returns the stored exemplars of a selector's series from the Prometheus of a metric. */
  exemplars(
    metric: string,
    selector: string,
    span: { start: number; end: number },
  ): Promise<readonly SeriesExemplars[]>;
}

/**
 * Returns a result with the traces of its bad metrics, from their exemplars. Nothing else in it changes, and the
 * promise never rejects: a note says what could not be found.
 */
export async function withTraces(result: AnalysisResult, source: Source): Promise<AnalysisResult> {
  if (result.verdict === 'promote') return { ...result, tracesNote: 'nothing to trace: the verdict is promote' };
  const isBad = ({ measurements }: MetricResult): boolean => measurements.some(({ phase }) => phase === 'Failed');
  if (!result.metrics.some(isBad)) return { ...result, tracesNote: 'nothing to trace: no measurement failed' };
  const addTraces = async (metric: MetricResult): Promise<MetricResult> => ({
    ...metric,
    ...(await tracesOf(metric, result.startedAt, source)),
  });
  return {
    ...result,
    metrics: await Promise.all(result.metrics.map((metric) => (isBad(metric) ? addTraces(metric) : metric))),
  };
}

type Traced = Required<Pick<MetricResult, 'traces'>> & Pick<MetricResult, 'tracesNote'>;

async function tracesOf(metric: MetricResult, startedAt: number, source: Source): Promise<Traced> {
  const plan = planOf(metric.query, source.sides);
  if (typeof plan === 'string') return { traces: [], tracesNote: plan };
  try {
    const answers = await Promise.all(plan.asked.map((asked) => queryExemplars(asked, plan)));
    return chosenFrom(answers.flat(), plan, source);
  } catch (error) {
    return { traces: [], tracesNote: `no exemplars could be read: ${(error as Error).message}. ${NEEDED}` };
  }

  async function queryExemplars(asked: Asked, { lookbackSeconds }: Plan): Promise<readonly Answered[]> {
    const { measurements } = metric;
    const firstBad = measurements.find(({ phase }) => phase === 'Failed')?.at ?? startedAt;
    const span = {
      start: (asked.isSinceStart ? startedAt : firstBad) - lookbackSeconds,
      end: measurements.at(-1)?.at ?? firstBad,
    };
    const series = await source.exemplars(metric.name, asked.selector, span);
    return series.flatMap(({ labels, exemplars }) =>
      exemplars.map((exemplar) => ({ asked, series: labels, ...exemplar })),
    );
  }
}

type Answered = SeriesExemplars['exemplars'][number] & {
  readonly asked: Asked;
  readonly series: SeriesExemplars['labels'];
};

const MOST = 10;
const NEEDED =
  'Prometheus keeps exemplars with --enable-feature=exemplar-storage, from apps that are traced and scraped as OpenMetrics';

function chosenFrom(all: readonly Answered[], { note }: Plan, { sides, most = MOST, url }: Source): Traced {
  const bad = all.filter((each) => isBad(each, sides));
  const traced = bad.flatMap((each) => {
    const traceId = labelOf(each.labels, TRACE_ID);
    return traceId === undefined ? [] : [{ ...each, traceId }];
  });
  const byTime = [...traced].sort((a, b) => b.at - a.at);
  // Each trace once, by its last exemplar.
  const seen = new Set<string>();
  const newest = byTime.filter(({ traceId }) => !seen.has(traceId) && seen.add(traceId));
  const worst = newest.filter(({ asked }) => asked.isByValue).sort((a, b) => b.value - a.value);
  const left = new Set(worst.slice(most));
  const traces = newest
    .filter((each) => !left.has(each))
    .slice(0, most)
    .map(({ traceId, labels, asked, series, at, value }): Trace => {
      const spanId = labelOf(labels, SPAN_ID);
      return {
        traceId,
        ...(spanId === undefined ? {} : { spanId }),
        ...(url === undefined ? {} : { url: url.replaceAll('{trace_id}', encodeURIComponent(traceId)) }),
        at,
        value,
        labels: selectLabels(series, asked),
      };
    });
  if (traces.length > 0) return { traces, ...(note === undefined ? {} : { tracesNote: note }) };
  if (all.length === 0) return { traces, tracesNote: `no exemplars in that time. ${NEEDED}` };
  if (bad.length === 0) return { traces, tracesNote: `none of ${all.length} exemplars belongs to a bad request` };
  return { traces, tracesNote: `none of ${bad.length} exemplars has a label trace_id` };
}

function isBad({ asked, series, value }: Answered, { others }: TracedSides): boolean {
  const { above, status, pinned } = asked;
  if (above !== undefined && value <= above) return false;
  if (status !== undefined && !Object.values(series).includes(status)) return false;
  // If a query selects no side, the series may still belong to the other side.
  return !Object.entries(series).some(([label, text]) => !pinned.includes(label) && names(text, others));
}

// In the spellings of OpenTelemetry, Grafana and the clients for Java and .NET.
const TRACE_ID = /^trace_?id$/i;
const SPAN_ID = /^span_?id$/i;

function labelOf(labels: Readonly<Record<string, string>>, name: RegExp): string | undefined {
  return Object.entries(labels).find(([label, value]) => name.test(label) && value !== '')?.[1];
}

/** Returns the labels that tell one request from another. */
function selectLabels(series: Readonly<Record<string, string>>, { pinned }: Asked): Trace['labels'] {
  const known = ['__name__', 'le', ...pinned];
  return Object.fromEntries(Object.entries(series).filter(([label]) => !known.includes(label)));
}
