import { withoutCredentials } from '../address.js';
import type { PassedOver } from '../files/gather.js';
import type { Finding } from '../lint/finding.js';
import type { Linted, LintResult } from '../lint/lint.js';
import { memoize } from '../memoize.js';
import { type Colour, painter } from './paint.js';
import { printableJson, printableLine, printableTexts } from './printable.js';
import type { TerminalOptions } from './terminal.js';

const COLOURS: Readonly<Record<Finding['severity'], Colour>> = { error: 'red', warning: 'yellow', note: 'blue' };

/** The number of findings of each severity, and of suppressed findings. */
export interface Counts {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly suppressed: number;
}

export function countFindings(sources: readonly Pick<Linted, 'findings' | 'suppressed'>[]): Counts {
  const findings = sources.flatMap((each) => each.findings);
  const count = (wanted: Finding['severity']): number => findings.filter(({ severity }) => severity === wanted).length;
  return {
    errors: count('error'),
    warnings: count('warning'),
    notes: count('note'),
    suppressed: sources.flatMap((each) => each.suppressed).length,
  };
}

/** Renders findings for the terminal, source by source: where, what, and what to do. */
export function renderFindings(
  { sources, passedOver }: LintResult,
  { colour }: Pick<TerminalOptions, 'colour'>,
): string {
  const paint = painter(colour);
  const blocks = sources.map((linted) => {
    const source = printableLine(linted.source);
    const head = `${paint('bold', source)}: ${showCounts(countFindings([linted]))}`;
    const suppressed = printableTexts(linted.suppressed).map(
      ({ line, rule, by, reason }) =>
        `\n${paint('dim', `${source}:${line}`)} suppressed ${paint('bold', rule)} by ${by === 'config' ? 'the config' : 'a comment'}: ${reason}`,
    );
    return [head, ...linted.findings.map((finding) => block(linted, finding)), ...suppressed].join('\n');
  });
  return `${[...blocks, ...passedOverLines(passedOver)].join('\n\n')}\n`;

  function block(linted: Linted, { line, severity, rule, message, repair }: Finding): string {
    const where = paint('dim', `${printableLine(linted.source)}:${line}`);
    const what = `${paint(COLOURS[severity], severity)} ${paint('bold', rule)}`;
    const excerpt = excerptOf(linted, line);
    const shown = excerpt === undefined ? '' : `\n  ${paint('dim', `${line} | ${excerpt}`)}`;
    // A repair of several fields has a line for each.
    const repairs = repair.split('\n').map(printableLine).join('\n          ');
    return `\n${where} ${what}${shown}\n  ${printableLine(message)}.\n  ${paint('dim', 'Repair:')} ${repairs}`;
  }
}

/** Renders findings as JSON. */
export function renderFindingsJson({ sources, passedOver }: LintResult): string {
  const shown = sources.map(({ source, kind, findings, suppressed }) => ({ source, kind, findings, suppressed }));
  return `${printableJson(JSON.stringify({ ...countFindings(sources), sources: shown, passedOver }, null, 2))}\n`;
}

const LONGEST = 160;
// Once for each source, which may have a finding in every line.
const linesOf = memoize(({ text }: Pick<Linted, 'text'>): readonly string[] => text.split('\n'));

/** Returns a line of a source as it can be shown; `undefined` if it is empty. */
export function excerptOf(linted: Pick<Linted, 'text'>, line: number): string | undefined {
  const found = linesOf(linted)[line - 1]?.trim() ?? '';
  if (found === '') return undefined;
  const shown = printableLine(withoutCredentials(found.slice(0, 2 * LONGEST)));
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST - 3)}...` : shown;
}

/** Returns the counts in words: `1 error, 2 notes`. */
export function showCounts({ errors, warnings, notes, suppressed }: Counts): string {
  const parts = [countNoun(errors, 'error'), countNoun(warnings, 'warning'), countNoun(notes, 'note')];
  const found = parts.filter((part) => part !== '');
  const all = [
    ...(found.length === 0 ? ['nothing found'] : found),
    ...(suppressed === 0 ? [] : [`${suppressed} suppressed`]),
  ];
  return all.join(', ');
}

const LISTED = 3;

/** Returns what was passed over in sentences, one for each reason. */
export function passedOverLines(passedOver: readonly PassedOver[]): readonly string[] {
  const reasons = [...new Set(passedOver.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const sources = passedOver.filter((each) => each.reason === reason).map(({ source }) => printableLine(source));
    const more = sources.length - LISTED;
    return `Passed over, because it ${reason}: ${sources.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  });
}

function countNoun(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}
