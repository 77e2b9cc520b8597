import type { Account, AnalysisResult, MetricResult } from '../analyze/result.js';
import { showResult, showTime } from '../controllers/shown.js';
import type { Explanation, Reason } from '../explain/explanation.js';
import { ROUTE_COLUMNS, ROUTES_CAPTION, routeCells, verdictWordsOf } from './account.js';
import { whenOf } from './explanation.js';
import { printableTexts } from './printable.js';

const ROUTES = 10;

/** Renders an analysis as Markdown, for a pull request or a chat. */
export function renderMarkdown(result: AnalysisResult): string {
  const { verdict, name, message, startedAt, finishedAt, account, metrics, notes = [] } = printableTexts(result);
  return blocks(
    `### ${verdict}: ${escapeText(name)}`,
    escapeText(verdictWordsOf(printableTexts(result)) ?? message),
    `From ${showTime(startedAt)} to ${showTime(finishedAt)}. ${escapeText(message)}`,
    notes.map((note) => `- ${escapeText(note)}`).join('\n'),
    account === undefined ? '' : accountTable(account),
    metricsTable(metrics),
  );
}

/** Renders explanations as Markdown, for a pull request or a chat. */
export function renderExplanationsAsMarkdown(explanations: readonly Explanation[]): string {
  return explanations.map((each) => explanationOf(printableTexts(each))).join('\n');
}

function explanationOf({ subject, outcome, summary, reasons, next, notes, runs }: Explanation): string {
  const account = runs.find((run) => run.account !== undefined)?.account;
  const deciding = runs[0];
  return blocks(
    `### ${outcome}: ${escapeText(subject)}`,
    escapeText(summary),
    reasons.map(reasonItem).join('\n'),
    account === undefined ? '' : accountTable(account),
    next.length === 0 ? '' : `**Next**\n\n${next.map((step, i) => `${i + 1}. ${escapeText(step)}`).join('\n')}`,
    notes.map((note) => `> ${escapeText(note)}`).join('\n>\n'),
    deciding === undefined ? '' : details(`All metrics of ${deciding.name}`, metricsTable(deciding.metrics)),
  );
}

function reasonItem(reason: Reason): string {
  const { metrics, says, evidence, traces = [] } = reason;
  const traced = traces.map(({ traceId, url, at }) => `\n  - trace of ${showTime(at)}: ${url ?? escapeText(traceId)}`);
  return `- **${escapeText(metrics.join(', '))}**: ${escapeText(says)}\n  ${escapeText(evidence)}${whenOf(reason)}${traced.join('')}`;
}

function accountTable({ routes, notes }: Account): string {
  const rows = routes.slice(0, ROUTES).map(routeCells);
  return blocks(
    notes.map((note) => `> ${escapeText(note)}`).join('\n>\n'),
    routes.length === 0 ? '' : `Routes, ${ROUTES_CAPTION.replace('|', '\\|')}:\n\n${table(ROUTE_COLUMNS, rows)}`,
  ).trimEnd();
}

function metricsTable(metrics: readonly MetricResult[]): string {
  const rows = metrics.map(({ name, phase, dryRun, measurements, message = '' }) => [
    `${name}${dryRun ? ' (dry run)' : ''}`,
    phase,
    measurements.slice(-5).map(showResult).join('; '),
    message,
  ]);
  return table(['metric', 'phase', 'last measurements', 'why'], rows);
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.map(escapeText).join(' | ')} |`;
  return [row(columns), `|${columns.map(() => ' --- ').join('|')}|`, ...rows.map(row)].join('\n');
}

function details(summary: string, body: string): string {
  return `<details><summary>${escapeText(summary)}</summary>\n\n${body}\n\n</details>`;
}

function blocks(...parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Escapes a text for Markdown: text from a cluster must not become markup. */
function escapeText(text: string): string {
  return text.replace(/[\\`*_[\]<>|#~]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`));
}
