import { describe, expect, it } from 'vitest';
import { analysisResult, metricResult } from '../analyze/fixtures/results.js';
import type { AnalysisResult, Counts, MetricResult } from '../analyze/result.js';
import type { Explanation, Outcome } from '../explain/explanation.js';
import { pageOf, renderExplanationsAsHtml, renderHtml } from './html.js';

const COUNTS: Counts = { requests: 10, failed: 1, timed: 10, slow: 0, answers: {} };
const metric = (rest: Partial<MetricResult> = {}): MetricResult => metricResult({ query: 'up < 1', ...rest });
const result = (rest: Partial<AnalysisResult> = {}): AnalysisResult =>
  analysisResult({ message: 'it failed', metrics: [metric()], ...rest });
/** Returns the body of a page. */
const bodyOf = (html: string): string => html.slice(html.indexOf('<main>'));
const page = (rest: Partial<AnalysisResult> = {}): string => bodyOf(renderHtml(result(rest)));
const sectionOf = (rest: Partial<MetricResult>): string => page({ metrics: [metric(rest)] });

describe('the page of an analysis', () => {
  it('has the verdict, who decided it, and when', () => {
    const html = page();
    expect(html).toContain('<p class="verdict rollback">rollback</p>\n<h1>shop</h1>');
    expect(html).toContain('<p>it failed</p>');
    expect(html).toContain('As Argo Rollouts decides, from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z.');
    expect(page({ controller: 'flagger' })).toContain('As Flagger decides');
  });

  it('says the words of the deciding metric before the message of the controller', () => {
    const html = page({ metrics: [metric({ words: '1 of 9 failed' })], decidedBy: 'errors' });
    expect(html).toContain('<p>1 of 9 failed</p>\n<p class="quiet">it failed</p>');
  });

  it('has remarks, also on traces', () => {
    expect(page({ notes: ['a & b'], tracesNote: 'no traces' })).toContain(
      '<p>a &amp; b</p>\n<p class="quiet">no traces</p>',
    );
  });

  it('has the requests of each route', () => {
    const routes = [{ method: 'GET', route: '/<a>', canary: COUNTS }];
    const html = page({ account: { canary: COUNTS, routes, notes: ['stable is silent'] } });
    expect(html).toContain('<p>stable is silent</p>\n<h2>Routes</h2>');
    expect(html).toContain('<th scope="col">route</th><th scope="col">requests</th>');
    expect(html).toContain('<tr><td>GET /&lt;a&gt;</td><td>10</td><td>10 %</td><td>0 %</td><td>-</td></tr>');
    expect(page({ account: { canary: COUNTS, routes: [], notes: [] } })).not.toContain('<h2>Routes');
    expect(page()).not.toContain('<h2>Routes');
  });

  it('has the weights of a canary', () => {
    expect(page({ steps: [{ at: 60, weight: 5, failedChecks: 1 }] })).toContain(
      '<tr><td>1970-01-01T00:01:00Z</td><td>5 %</td><td>1</td></tr>',
    );
    expect(page()).not.toContain('Weight of the canary');
  });

  it('has a row for each metric, which leads to its section', () => {
    const measurements = [1, 2].map((at) => ({ at, phase: 'Failed' as const, values: [at] }));
    const html = page({ metrics: [metric(), metric({ name: '<b>', dryRun: true, measurements })] });
    expect(html).toContain(
      '<a href="#metric-0">errors</a></th><td><span class="phase failed">Failed</span></td><td>0</td><td>none</td>',
    );
    expect(html).toContain('<a href="#metric-1">&lt;b&gt;</a> (dry run)</th>');
    expect(html).toContain('<td>2</td><td>2</td></tr>');
    expect(html).toContain('<section id="metric-1">');
  });
});

describe('the section of a metric', () => {
  it('has its words, its message and its query', () => {
    const html = sectionOf({ words: 'in words', message: 'as it is' });
    expect(html).toContain('<p>in words</p>\n<p class="quiet">as it is</p>');
    expect(sectionOf({ message: 'as it is' })).toContain('<p>as it is</p>');
    expect(html).toContain('<pre>up &lt; 1</pre>');
  });

  it('has its conditions, or its thresholds', () => {
    const thresholds = [{ good: 'below' as const, bound: 1 }];
    expect(sectionOf({ thresholds })).toContain('<dt>good</dt><dd><code>below 1</code></dd>');
    const html = sectionOf({ thresholds, failureCondition: 'a > 1' });
    expect(html).toContain('<dt>failure</dt><dd><code>a &gt; 1</code></dd>');
    expect(html).not.toContain('<dt>good</dt>');
    expect(html).not.toContain('<dt>success</dt>');
    expect(sectionOf({ thresholds, successCondition: 'a' })).toContain('<dt>success</dt><dd><code>a</code></dd>');
  });

  it('has its limits and its measurements', () => {
    const html = sectionOf({
      limits: [{ name: 'failureLimit', used: 1, limit: 2 }],
      measurements: [{ at: 60, phase: 'Error', values: [], message: 'a < b' }],
    });
    expect(html).toContain('<dt>failureLimit</dt><dd>1 of 2</dd>');
    expect(html).toContain('<summary>1 measurements</summary>');
    expect(html).toContain(
      '<tr><td>1970-01-01T00:01:00Z</td><td><span class="phase error">Error</span></td><td>nothing</td><td>a &lt; b</td></tr>',
    );
  });

  it('has traces, with links if there is an address', () => {
    const labels = { route: '/a', status: '500' };
    const traces = [
      { traceId: 'a', at: 0, value: 0.25, labels },
      { traceId: 'b', url: 'http://t?a=1&b="', at: 0, value: 1, labels: {} },
    ];
    const html = sectionOf({ traces, tracesNote: 'of one route' });
    expect(html).toContain('<p>Traces: of one route</p>');
    expect(html).toContain('<td><code>a</code></td><td>0.25</td><td>route=/a, status=500</td>');
    expect(html).toContain('<a href="http://t?a=1&amp;b=&quot;"><code>b</code></a>');
    expect(sectionOf({ traces: [] })).not.toContain('Traces');
  });
});

describe('the page of explanations', () => {
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

  it.each<[Outcome, string]>([
    ['promoted', 'promote'],
    ['passed', 'promote'],
    ['rolled back', 'rollback'],
    ['paused', 'pause'],
    ['in progress', 'pause'],
    ['not known', 'pause'],
  ])('shows that a release is %s like a verdict', (outcome, verdict) => {
    const html = renderExplanationsAsHtml([explanation({ outcome })]);
    expect(html).toContain(`<title>${outcome}: Rollout prod/shop</title>`);
    expect(html).toContain(`<p class="verdict ${verdict}">${outcome}</p>\n<h1>Rollout prod/shop</h1>`);
  });

  it('has reasons, steps and remarks', () => {
    const reasons = [
      {
        metrics: ['a', 'b'] as const,
        run: 'run',
        phase: 'Failed' as const,
        says: 'is <bad>',
        evidence: '2 of 3',
        since: 0,
      },
    ];
    const html = renderExplanationsAsHtml([explanation({ reasons, next: ['a & b'], notes: ['n'] })]);
    expect(html).toContain(
      '<li><strong>a, b</strong>: is &lt;bad&gt;<br><span class="quiet">2 of 3, first at 1970-01-01T00:00:00Z (run)</span></li>',
    );
    expect(html).toContain('<h2>Next</h2>\n<ol>\n<li>a &amp; b</li>\n</ol>\n<p class="quiet">n</p>');
    const plain = renderExplanationsAsHtml([explanation()]);
    expect(plain).not.toContain('<h2>Why');
    expect(plain).not.toContain('<h2>Next');
  });

  it('has anchors that differ from run to run', () => {
    const runs = [result(), result({ name: 'other' })];
    const html = renderExplanationsAsHtml([explanation({ runs }), explanation({ runs })]);
    const anchors = [...html.matchAll(/<section id="([^"]*)"/g)].map(([, id]) => id);
    expect(anchors).toEqual(['0-0-metric-0', '0-1-metric-0', '1-0-metric-0', '1-1-metric-0']);
    expect(html).toContain('<h2>other</h2>\n<p class="quiet">it failed, from 1970-01-01T00:00:00Z');
  });
});

it('a page loads nothing, and has the style that is given', () => {
  const html = pageOf('<a>', 'body', '.x{}');
  expect(html).toContain('<title>&lt;a&gt;</title>');
  expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
  expect(html).toMatch(/\.x\{\}<\/style>/);
  expect(html).toContain('<main>\nbody\n</main>');
  expect(html).not.toMatch(/<script|<link|https?:/);
});
