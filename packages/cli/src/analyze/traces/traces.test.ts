import { describe, expect, it } from 'vitest';
import type { Measurement, Phase } from '../../controllers/verdict.js';
import type { SeriesExemplars } from '../../prometheus.js';
import { analysisResult, metricResult } from '../fixtures/results.js';
import type { AnalysisResult, MetricResult, Trace } from '../result.js';
import { withTraces } from './traces.js';

type Exemplar = SeriesExemplars['exemplars'][number];

const exemplar = (
  traceId: string,
  at: number,
  value = 1,
  labels: Exemplar['labels'] = { trace_id: traceId },
): Exemplar => ({
  labels,
  at,
  value,
});
const series = (labels: SeriesExemplars['labels'], ...exemplars: readonly Exemplar[]): SeriesExemplars => ({
  labels,
  exemplars,
});
const measured = (at: number, phase: Phase): Measurement => ({ at, phase, values: [1] });
const FAILED = 'sum(rate(http_requests_failed_total{pod="c"}[5m]))';
const SLOW = 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{pod="c"}[5m])))';
const metric = (rest: Partial<MetricResult> = {}): MetricResult =>
  metricResult({
    query: FAILED,
    measurements: [measured(1000, 'Successful'), measured(1060, 'Failed'), measured(1120, 'Failed')],
    ...rest,
  });
const result = (metrics: readonly MetricResult[], rest: Partial<AnalysisResult> = {}): AnalysisResult =>
  analysisResult({ startedAt: 1000, finishedAt: 1120, metrics, ...rest });

/** Looks for traces in a Prometheus that has some exemplars, whatever is asked. */
async function traced(
  analysis: AnalysisResult,
  found: readonly SeriesExemplars[] | Error,
  more: { most?: number; url?: string } = {},
) {
  const asked: unknown[] = [];
  const told = await withTraces(analysis, {
    ...more,
    sides: { canary: ['c'], others: ['s'], unknown: [] },
    async exemplars(...args) {
      asked.push(args);
      if (found instanceof Error) throw found;
      return found;
    },
  });
  return { told, asked };
}
/** Returns the traces of one metric that found some exemplars, and the remark on them. */
async function tracesOf(found: readonly SeriesExemplars[] | Error, rest: Partial<MetricResult> = {}, more = {}) {
  const { told } = await traced(result([metric(rest)]), found, more);
  return told.metrics[0] as MetricResult & { traces: readonly Trace[] };
}
const idsOf = async (...args: Parameters<typeof tracesOf>) =>
  (await tracesOf(...args)).traces.map(({ traceId }) => traceId);

describe('a result', () => {
  it('without a fault has nothing to trace', async () => {
    const { told, asked } = await traced(result([metric()], { verdict: 'promote' }), []);
    expect(told.tracesNote).toBe('nothing to trace: the verdict is promote');
    const pause = await traced(result([metric({ measurements: [measured(1, 'Error')] })], { verdict: 'pause' }), []);
    expect(pause.told.tracesNote).toBe('nothing to trace: no measurement failed');
    expect([...asked, ...pause.asked]).toEqual([]);
  });

  it('has the traces of its bad metrics, and keeps the others', async () => {
    const good = metric({ name: 'good', measurements: [measured(1, 'Successful')] });
    const { told } = await traced(result([good, metric()]), [series({ route: '/' }, exemplar('a', 1100))]);
    expect(told.metrics[0]).toBe(good);
    expect(told.metrics[1]?.traces).toEqual([{ traceId: 'a', at: 1100, value: 1, labels: { route: '/' } }]);
    expect(told).not.toHaveProperty('tracesNote');
  });

  it('asks from the first bad measurement on, and as long before as the query looks back', async () => {
    const { asked } = await traced(result([metric()]), []);
    expect(asked).toEqual([['errors', 'http_requests_failed_total{pod="c"}', { start: 760, end: 1120 }]]);
  });
});

describe('the traces of a metric', () => {
  it('are the newest first, each once, as many as are wanted', async () => {
    const found = [
      series({}, exemplar('a', 1), exemplar('b', 3), exemplar('a', 2)),
      series({ x: '1' }, exemplar('c', 4)),
    ];
    expect(await idsOf(found)).toEqual(['c', 'b', 'a']);
    expect((await tracesOf(found)).traces.map(({ at }) => at)).toEqual([4, 3, 2]);
    expect(await idsOf(found, {}, { most: 2 })).toEqual(['c', 'b']);
    const many = series({}, ...Array.from({ length: 12 }, (_, i) => exemplar(`t${i}`, i)));
    expect(await idsOf([many])).toHaveLength(10);
  });

  it('are the slowest, where no bound tells slow from fast', async () => {
    const found = [series({}, exemplar('fast', 9, 0.1), exemplar('slow', 1, 5), exemplar('slower', 2, 7))];
    expect(await idsOf(found, { query: SLOW }, { most: 2 })).toEqual(['slower', 'slow']);
  });

  it('have an address, with whatever is in their names', async () => {
    const url = 'http://t/{trace_id}?again={trace_id}';
    const { traces } = await tracesOf([series({}, exemplar('a/b', 1))], {}, { url });
    expect(traces[0]?.url).toBe('http://t/a%2Fb?again=a%2Fb');
  });

  it('are named in any spelling', async () => {
    const labelled = (labels: Exemplar['labels']) => idsOf([series({}, exemplar('', 1, 1, labels))]);
    expect(await labelled({ traceID: 'a' })).toEqual(['a']);
    expect(await labelled({ TraceId: 'a' })).toEqual(['a']);
    const { traces } = await tracesOf([series({}, exemplar('', 1, 1, { trace_id: 'a', spanId: 'b' }))]);
    expect(traces[0]).toMatchObject({ traceId: 'a', spanId: 'b' });
    const { tracesNote } = await tracesOf([series({}, exemplar('', 1, 1, { trace_id: '', my_trace_id: 'a' }))]);
    expect(tracesNote).toBe('none of 1 exemplars has a label trace_id');
  });

  it('have the labels that tell requests apart', async () => {
    const labels = { __name__: 'x', le: '1', pod: 'c', route: '/a' };
    expect((await tracesOf([series(labels, exemplar('a', 1))])).traces[0]?.labels).toEqual({ route: '/a' });
  });

  it('are of the canary alone', async () => {
    const found = [
      series({ job: 's' }, exemplar('a', 1)),
      series({ job: 'c' }, exemplar('b', 1)),
      series({ pod: 's' }, exemplar('c', 1)),
    ];
    expect(await idsOf(found)).toEqual(['b', 'c']);
    expect((await tracesOf(found.slice(0, 1))).tracesNote).toBe('none of 1 exemplars belongs to a bad request');
  });

  it('are over the bound of the query', async () => {
    const query = 'sum(rate(d_bucket{pod="c",le="0.5"}[5m])) / sum(rate(d_count{pod="c"}[5m]))';
    const found = [series({}, exemplar('at', 1, 0.5), exemplar('over', 2, 0.6))];
    expect(await idsOf(found, { query })).toEqual(['over']);
  });

  it('of a gauge are of the requests that ended as hanging ones do', async () => {
    const query = 'sum(http_requests_overdue{pod="c"}) / sum(rate(http_requests_total{pod="c"}[5m]))';
    const found = [series({ status_code: '504' }, exemplar('a', 1)), series({ status_code: '200' }, exemplar('b', 2))];
    const { traces, tracesNote } = await tracesOf(found, { query });
    expect(traces.map(({ traceId }) => traceId)).toEqual(['a']);
    expect(tracesNote).toMatch(/^a gauge has no exemplars/);
  });

  it('are missing, with a reason', async () => {
    expect(await tracesOf([])).toMatchObject({
      traces: [],
      tracesNote: expect.stringMatching(/^no exemplars in that time\. Prometheus keeps/),
    });
    expect((await tracesOf(new Error('away'))).tracesNote).toMatch(
      /^no exemplars could be read: away\. Prometheus keeps/,
    );
    expect(await tracesOf([], { query: 'sum(' })).toMatchObject({ traces: [], tracesNote: 'its query is not PromQL' });
  });
});
