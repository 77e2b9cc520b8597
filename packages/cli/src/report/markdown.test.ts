import { describe, expect, it } from 'vitest';
import { analysisResult, metricResult } from '../analyze/fixtures/results.js';
import type { AnalysisResult, Counts, MetricResult } from '../analyze/result.js';
import type { Explanation } from '../explain/explanation.js';
import { renderExplanationsAsMarkdown, renderMarkdown } from './markdown.js';

const COUNTS: Counts = { requests: 10, failed: 1, timed: 10, slow: 0, answers: {} };
const metric = (rest: Partial<MetricResult> = {}): MetricResult => metricResult({ query: 'up', ...rest });
const result = (rest: Partial<AnalysisResult> = {}): AnalysisResult =>
  analysisResult({ name: 'shop_gate', message: 'it *failed*', metrics: [metric()], ...rest });
const TABLE = '| metric | phase | last measurements | why |\n| --- | --- | --- | --- |';
const routes = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ method: 'GET', route: `/${i}`, canary: COUNTS }));

describe('an analysis as Markdown', () => {
  it('has the verdict, the time, and each metric, of which nothing is markup', () => {
    expect(renderMarkdown(result())).toBe(`### rollback: shop\\_gate

it \\*failed\\*

From 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z. it \\*failed\\*

${TABLE}
| errors | Failed |  |  |
`);
  });

  it('says in words what the deciding metric says', () => {
    const text = renderMarkdown(result({ metrics: [metric({ words: '1 of 9 failed' })], decidedBy: 'errors' }));
    expect(text).toContain('### rollback: shop\\_gate\n\n1 of 9 failed\n\nFrom');
  });

  it('has remarks, and no line feed or control character of another text', () => {
    expect(renderMarkdown(result({ notes: ['a\nb', '\u0007<b>'] }))).toContain('\n\n- a b\n- \\\\u{7}&lt;b\\>\n\n');
  });

  it('has the last five measurements of a metric, and why it ended', () => {
    const measurements = [1, 2, 3, 4, 5, 6].map((at) => ({ at, phase: 'Failed' as const, values: [at, 0] }));
    const text = renderMarkdown(result({ metrics: [metric({ dryRun: true, measurements, message: 'a | b' })] }));
    expect(text).toContain('| errors (dry run) | Failed | 2, 0; 3, 0; 4, 0; 5, 0; 6, 0 | a \\| b |');
  });

  it('has the ten worst routes', () => {
    const account = { canary: COUNTS, routes: routes(11), notes: ['stable is silent'] };
    const text = renderMarkdown(result({ account }));
    expect(text).toContain('> stable is silent\n\nRoutes, canary \\| stable, the worst first:\n\n| route |');
    expect(text.match(/^\| GET /gm)).toHaveLength(10);
    expect(text).not.toContain('/10 ');
  });

  it('has no table of routes without routes', () => {
    const account = { canary: COUNTS, routes: [], notes: ['one', 'two'] };
    expect(renderMarkdown(result({ account }))).toContain(`\n\n> one\n>\n> two\n\n${TABLE}`);
  });
});

describe('an explanation as Markdown', () => {
  const explanation = (rest: Partial<Explanation> = {}): Explanation => ({
    subject: 'Rollout prod/shop',
    controller: 'argo',
    outcome: 'rolled back',
    summary: 'shop was rolled back',
    reasons: [],
    next: [],
    notes: [],
    runs: [],
    ...rest,
  });

  it('has the outcome and the summary', () => {
    expect(renderExplanationsAsMarkdown([explanation()])).toBe(
      '### rolled back: Rollout prod/shop\n\nshop was rolled back\n',
    );
  });

  it('has reasons with their evidence and traces, and what to do', () => {
    const traces = [
      { traceId: 'a_b', url: 'http://t/a_b', at: 0, value: 1, labels: {} },
      { traceId: 'c_d', at: 0, value: 1, labels: {} },
    ];
    const reasons = [
      { metrics: ['a', 'b'] as const, phase: 'Failed' as const, says: 'is bad', evidence: '2 of 3', since: 0, traces },
    ];
    expect(
      renderExplanationsAsMarkdown([explanation({ reasons, next: ['look', 'retry'], notes: ['one', 'two'] })]),
    ).toContain(`
- **a, b**: is bad
  2 of 3, first at 1970-01-01T00:00:00Z
  - trace of 1970-01-01T00:00:00Z: http://t/a_b
  - trace of 1970-01-01T00:00:00Z: c\\_d

**Next**

1. look
2. retry

> one
>
> two
`);
  });

  it('has the requests of the run that counted them, and the metrics of the deciding run', () => {
    const account = { canary: COUNTS, routes: routes(1), notes: [] };
    const runs = [
      result({ name: 'first', metrics: [metric({ name: 'a' })] }),
      result({ account, metrics: [metric({ name: 'b' })] }),
    ];
    const text = renderExplanationsAsMarkdown([explanation({ runs })]);
    expect(text).toContain('| GET /0 | 10 |');
    expect(text).toContain(
      `<details><summary>All metrics of first</summary>\n\n${TABLE}\n| a | Failed |  |  |\n\n</details>`,
    );
    expect(text).not.toContain('| b |');
  });

  it('comes after another one', () => {
    expect(renderExplanationsAsMarkdown([explanation(), explanation({ outcome: 'paused' })])).toContain(
      'rolled back\n\n### paused: ',
    );
  });
});
