import { showTime } from '../controllers/shown.js';
import type { Explanation, Outcome, Reason } from '../explain/explanation.js';
import { type Colour, painter } from './paint.js';
import { printableTexts } from './printable.js';
import { accountLines, type TerminalOptions } from './terminal.js';

const COLOURS: Readonly<Record<Outcome, Colour>> = {
  promoted: 'green',
  passed: 'green',
  'rolled back': 'red',
  paused: 'yellow',
  'in progress': 'blue',
  'not known': 'yellow',
};

/** Renders explanations for the terminal: the outcome of each release, the reason, and what to do next. */
export function renderExplanations(explanations: readonly Explanation[], options: TerminalOptions): string {
  return explanations.map((each) => renderExplanation(printableTexts(each), options)).join('\n');
}

function renderExplanation(explanation: Explanation, options: TerminalOptions): string {
  const { subject, outcome, summary, reasons, next, notes, runs } = explanation;
  const paint = painter(options.colour);
  const account = runs.find((run) => run.account !== undefined)?.account;
  return [
    `${paint(COLOURS[outcome], paint('bold', outcome))}: ${summary}`,
    paint('dim', subject),
    '',
    ...(reasons.length === 0 ? [] : [paint('bold', 'Why')]),
    ...reasons.flatMap((reason) =>
      reasonLines(reason).map((line, i) => (i === 0 ? `  ${line}` : paint('dim', `    ${line}`))),
    ),
    ...(reasons.length === 0 ? [] : ['']),
    ...(account === undefined ? [] : accountLines(account, options)),
    ...(next.length === 0 ? [] : [paint('bold', 'Next'), ...next.map((step, i) => `  ${i + 1}. ${step}`), '']),
    ...notes.map((note) => `${paint('yellow', 'note')}: ${note}`),
    ...(notes.length === 0 ? [] : ['']),
  ].join('\n');
}

function reasonLines(reason: Reason): readonly string[] {
  const { metrics, run, says, evidence, traces = [] } = reason;
  return [
    `${metrics.join(', ')}: ${says}`,
    `${evidence}${whenOf(reason)}${run === undefined ? '' : ` (${run})`}`,
    ...traces.map(({ traceId, url, at }) => `trace of ${showTime(at)}: ${url ?? traceId}`),
  ];
}

/** Returns since when a metric was bad, as the end of a sentence. */
export function whenOf({ since, hasEarlier }: Reason): string {
  return since === undefined ? '' : `, ${hasEarlier ? 'since before' : 'first at'} ${showTime(since)}`;
}
