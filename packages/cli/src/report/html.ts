import type { Account, AnalysisResult, MetricResult, Trace } from '../analyze/result.js';
import { showNumber, showResult, showTime } from '../controllers/shown.js';
import type { Measurement, Verdict } from '../controllers/verdict.js';
import type { Explanation, Outcome, Reason } from '../explain/explanation.js';
import { ROUTE_COLUMNS, ROUTES_CAPTION, routeCells, verdictWordsOf } from './account.js';
import { escapeHtml } from './escaped.js';
import { whenOf } from './explanation.js';
import { renderPlot } from './plot.js';

/** Renders an analysis as one self-contained page: without scripts, fonts or network access. */
export function renderHtml(result: AnalysisResult): string {
  const { verdict, name, controller, message, startedAt, finishedAt, notes = [], tracesNote } = result;
  const words = verdictWordsOf(result);
  return pageOf(
    `${verdict}: ${name}`,
    `<header>
<p class="verdict ${verdict}">${verdict}</p>
<h1>${escapeHtml(name)}</h1>
${words === undefined ? '' : `<p>${escapeHtml(words)}</p>`}
<p${words === undefined ? '' : ' class="quiet"'}>${escapeHtml(message)}</p>
<p class="quiet">As ${controller === 'argo' ? 'Argo Rollouts' : 'Flagger'} decides, from ${showTime(startedAt)} to ${showTime(finishedAt)}.</p>
${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')}
${tracesNote === undefined ? '' : `<p class="quiet">${escapeHtml(tracesNote)}</p>`}
</header>
${analysisSections(result, '')}`,
  );
}

/** Renders explanations as one page, with every measurement on record. */
export function renderExplanationsAsHtml(explanations: readonly Explanation[]): string {
  return pageOf(
    explanations.map(({ outcome, subject }) => `${outcome}: ${subject}`).join(', '),
    explanations.map((explanation, i) => explanationSection(explanation, `${i}-`)).join('\n'),
  );
}

function explanationSection(
  { subject, outcome, summary, reasons, next, notes, runs }: Explanation,
  prefix: string,
): string {
  return `<header>
<p class="verdict ${VERDICTS[outcome]}">${outcome}</p>
<h1>${escapeHtml(subject)}</h1>
<p>${escapeHtml(summary)}</p>
</header>
${reasons.length === 0 ? '' : `<h2>Why</h2>\n<ul>\n${reasons.map(reasonItem).join('\n')}\n</ul>`}
${next.length === 0 ? '' : `<h2>Next</h2>\n<ol>\n${next.map((step) => `<li>${escapeHtml(step)}</li>`).join('\n')}\n</ol>`}
${notes.map((note) => `<p class="quiet">${escapeHtml(note)}</p>`).join('\n')}
${runs
  .map(
    (run, i) => `<h2>${escapeHtml(run.name)}</h2>
<p class="quiet">${escapeHtml(run.message)}, from ${showTime(run.startedAt)} to ${showTime(run.finishedAt)}</p>
${analysisSections(run, `${prefix}${i}-`)}`,
  )
  .join('\n')}`;
}

const VERDICTS: Readonly<Record<Outcome, Verdict>> = {
  promoted: 'promote',
  passed: 'promote',
  'rolled back': 'rollback',
  paused: 'pause',
  'in progress': 'pause',
  'not known': 'pause',
};

function reasonItem(reason: Reason): string {
  const { metrics, run, says, evidence } = reason;
  const whose = run === undefined ? '' : ` (${run})`;
  return `<li><strong>${escapeHtml(metrics.join(', '))}</strong>: ${escapeHtml(says)}<br><span class="quiet">${escapeHtml(`${evidence}${whenOf(reason)}${whose}`)}</span></li>`;
}

/** Returns a self-contained page, with additional style if given. */
export function pageOf(title: string, body: string, style = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/**
 * Renders the queries, the weights, and each metric. `prefix` makes the anchors of several analyses on a page distinct.
 */
function analysisSections(result: AnalysisResult, prefix: string): string {
  const { account, steps = [], metrics } = result;
  return `${account === undefined ? '' : accountSection(account)}
${steps.length === 0 ? '' : stepsTable(steps)}
<h2>Metrics</h2>
<table>
<thead><tr><th scope="col">Metric</th><th scope="col">Phase</th><th scope="col">Measurements</th><th scope="col">Last</th></tr></thead>
<tbody>
${metrics.map((metric, i) => overviewRow(metric, `${prefix}metric-${i}`)).join('\n')}
</tbody>
</table>
${metrics.map((metric, i) => section(metric, `${prefix}metric-${i}`, result)).join('\n')}`;
}

function accountSection({ routes, notes }: Account): string {
  const cells = (tag: 'td' | 'th', texts: readonly string[]): string =>
    texts.map((text) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}>${escapeHtml(text)}</${tag}>`).join('');
  const rows = routes.map((counts) => `<tr>${cells('td', routeCells(counts))}</tr>`);
  return `${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')}
${
  routes.length === 0
    ? ''
    : `<h2>Routes</h2>
<table>
<caption>${ROUTES_CAPTION}</caption>
<thead><tr>${cells('th', ROUTE_COLUMNS)}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`
}`;
}

function overviewRow({ name, phase, dryRun, measurements }: MetricResult, id: string): string {
  const last = measurements.at(-1);
  return `<tr><th scope="row"><a href="#${id}">${escapeHtml(name)}</a>${dryRun ? ' (dry run)' : ''}</th><td>${phaseMark(phase)}</td><td>${measurements.length}</td><td>${escapeHtml(last === undefined ? 'none' : showResult(last))}</td></tr>`;
}

function section(metric: MetricResult, id: string, result: AnalysisResult): string {
  const {
    name,
    phase,
    message,
    words,
    query,
    successCondition,
    failureCondition,
    limits,
    measurements,
    traces = [],
    tracesNote,
  } = metric;
  const conditions: readonly (readonly [string, string | undefined])[] = [
    ['success', successCondition],
    ['failure', failureCondition],
    ...metric.thresholds
      .filter(() => successCondition === undefined && failureCondition === undefined)
      .map(({ good, bound }) => ['good', `${good} ${showNumber(bound)}`] as const),
  ];
  return `<section id="${id}">
<h3>${escapeHtml(name)} ${phaseMark(phase)}</h3>
${words === undefined ? '' : `<p>${escapeHtml(words)}</p>`}
${message === undefined ? '' : `<p${words === undefined ? '' : ' class="quiet"'}>${escapeHtml(message)}</p>`}
${renderPlot(metric, result)}
<dl>
${conditions.flatMap(([term, text]) => (text === undefined ? [] : [`<dt>${term}</dt><dd><code>${escapeHtml(text)}</code></dd>`])).join('\n')}
${limits.map(({ name: limit, used, limit: most }) => `<dt>${limit}</dt><dd>${used} of ${most}</dd>`).join('\n')}
</dl>
${tracesNote === undefined ? '' : `<p>Traces: ${escapeHtml(tracesNote)}</p>`}
${traces.length === 0 ? '' : tracesTable(traces)}
<details><summary>Query</summary><pre>${escapeHtml(query)}</pre></details>
<details><summary>${measurements.length} measurements</summary>
<table>
<thead><tr><th scope="col">At</th><th scope="col">Phase</th><th scope="col">Answer</th><th scope="col">Why</th></tr></thead>
<tbody>
${measurements.map(measurementRow).join('\n')}
</tbody>
</table>
</details>
</section>`;
}

function measurementRow(measurement: Measurement): string {
  const { at, phase, message = '' } = measurement;
  return `<tr><td>${showTime(at)}</td><td>${phaseMark(phase)}</td><td>${escapeHtml(showResult(measurement))}</td><td>${escapeHtml(message)}</td></tr>`;
}

function tracesTable(traces: readonly Trace[]): string {
  return `<table>
<caption>Traces of bad requests</caption>
<thead><tr><th scope="col">At</th><th scope="col">Trace</th><th scope="col">Value</th><th scope="col">Series</th></tr></thead>
<tbody>
${traces.map(traceRow).join('\n')}
</tbody>
</table>`;
}

function traceRow({ traceId, url, at, value, labels }: Trace): string {
  const id = `<code>${escapeHtml(traceId)}</code>`;
  const link = url === undefined ? id : `<a href="${escapeHtml(url)}">${id}</a>`;
  const which = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
  return `<tr><td>${showTime(at)}</td><td>${link}</td><td>${escapeHtml(showNumber(value))}</td><td>${escapeHtml(which.join(', '))}</td></tr>`;
}

function stepsTable(steps: NonNullable<AnalysisResult['steps']>): string {
  const rows = steps.map(
    ({ at, weight, failedChecks }) => `<tr><td>${showTime(at)}</td><td>${weight} %</td><td>${failedChecks}</td></tr>`,
  );
  return `<h2>Weight of the canary</h2>
<table>
<thead><tr><th scope="col">At</th><th scope="col">Weight</th><th scope="col">Failed checks so far</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function phaseMark(phase: MetricResult['phase']): string {
  return `<span class="phase ${phase.toLowerCase()}">${phase}</span>`;
}

const STYLE = `
:root{--ink:#1b1f24;--quiet:#57606a;--paper:#fff;--line:#d0d7de;--good:#1a7f37;--bad:#cf222e;--doubt:#8a5a00;--mark:#0550ae;--shade:#1a7f3714}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--quiet:#9da7b3;--paper:#0d1117;--line:#3d444d;--good:#4ac26b;--bad:#ff7b72;--doubt:#e3b341;--mark:#79c0ff;--shade:#4ac26b1f}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;margin:.25rem 0}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1.05rem;margin:2rem 0 .5rem}
.verdict{display:inline-block;margin:0;padding:.1rem .6rem;border:2px solid;border-radius:.4rem;font-weight:700}
.promote,.successful{color:var(--good)}.rollback,.failed,.error{color:var(--bad)}.pause,.inconclusive{color:var(--doubt)}.running{color:var(--mark)}
.phase{font-size:.85rem;font-weight:600}.quiet{color:var(--quiet)}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums;vertical-align:top}
caption{text-align:left;color:var(--quiet)}
pre{overflow-x:auto;background:var(--shade);padding:.75rem}code{font-size:.9em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
a{color:var(--mark)}summary{cursor:pointer;padding:.25rem 0}
svg{width:100%;height:auto;display:block}svg text{fill:var(--quiet);font:11px system-ui,sans-serif}
.axis{stroke:var(--line)}.bound{stroke:var(--ink);stroke-dasharray:4 3}.side{fill:var(--shade)}.path{fill:none;stroke:var(--mark);stroke-width:1.5}
.point.successful{fill:var(--good)}.point.failed,.point.error{fill:var(--bad)}.point.inconclusive,.point.running{fill:var(--doubt)}.gap{stroke:var(--doubt);stroke-width:1.5}
@media print{details{display:block}details>*{display:block}}
`;
