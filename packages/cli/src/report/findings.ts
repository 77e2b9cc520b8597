import type { Finding } from '../lint/finding.js';
import type { Linted } from '../lint/lint.js';
import { type Colour, painter } from './paint.js';
import type { TerminalOptions } from './terminal.js';

const COLOURS: Readonly<Record<Finding['severity'], Colour>> = { error: 'red', warning: 'yellow', note: 'blue' };

/** How many findings there are of each severity. */
export function countFindings(linted: readonly Linted[]): { readonly errors: number; readonly warnings: number } {
  const findings = linted.flatMap((each) => each.findings);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: findings.length - errors };
}

/** What was found for the terminal, source by source: where, what, and what to do. */
export function renderFindings(linted: readonly Linted[], { colour }: Pick<TerminalOptions, 'colour'>): string {
  const paint = painter(colour);
  const blocks = linted.map(({ source, findings }) => {
    const head = `${paint('bold', source)}: ${shownCounts(countFindings([{ source, kind: 'exposition', findings }]))}`;
    return [head, ...findings.map((finding) => block(source, finding))].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;

  function block(source: string, { line, severity, rule, message, repair }: Finding): string {
    const where = paint('dim', `${source}:${line}`);
    const what = `${paint(COLOURS[severity], severity)} ${paint('bold', rule)}`;
    // A repair of several fields has a line for each.
    const repairs = repair.replaceAll('\n', '\n          ');
    return `\n${where} ${what}\n  ${message}.\n  ${paint('dim', 'Repair:')} ${repairs}`;
  }
}

/** What was found as JSON. */
export function renderFindingsJson(linted: readonly Linted[]): string {
  return `${JSON.stringify({ ...countFindings(linted), sources: linted }, null, 2)}\n`;
}

function shownCounts({ errors, warnings }: ReturnType<typeof countFindings>): string {
  const parts = [counted(errors, 'error'), counted(warnings, 'warning')].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}
