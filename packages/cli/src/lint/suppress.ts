import { normalize } from 'node:path';
import { globExpression } from '../files/glob.js';
import { createSourceFinding } from './create-finding.js';
import type { Finding } from './finding.js';
import { ruleNamed } from './rules.js';

/** An entry of `lint.ignore` in the config. */
export interface IgnoreEntry {
  readonly rule: string;
  /** The source to which it applies, as it is named on the command line, or a pattern. @defaultValue every source */
  readonly file?: string;
  readonly reason: string;
  /** The line in the config, from 1. */
  readonly line: number;
}

/** The entries of a config. */
export interface IgnoreList {
  /** The name of the config file. */
  readonly source: string;
  readonly entries: readonly IgnoreEntry[];
}

/** A finding that does not count. */
export interface Suppressed extends Finding {
  readonly reason: string;
  /** Where it is suppressed. */
  readonly by: 'comment' | 'config';
}

interface Source {
  readonly source: string;
  readonly kind: string;
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** A comment that suppresses a rule. */
interface IgnoreComment {
  readonly rule: string;
  readonly reason: string;
  readonly line: number;
  /** The lines to which it applies. */
  readonly from: number;
  readonly to: number;
}

/**
 * Splits the findings of a source into findings that count, including findings about its comments, and suppressed
 * findings.
 */
export function suppressByComments({ text, kind, findings }: Source): {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
} {
  const comments = commentsIn(text, kind === 'exposition');
  const used = new Set<IgnoreComment>();
  const kept: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const finding of findings) {
    const comment = comments.find(
      ({ rule, reason, from, to }) =>
        rule === finding.rule && reason !== '' && from <= finding.line && finding.line <= to,
    );
    if (comment === undefined) kept.push(finding);
    else {
      used.add(comment);
      suppressed.push({ ...finding, reason: comment.reason, by: 'comment' });
    }
  }
  const problems = comments.flatMap((comment) => (used.has(comment) ? [] : [problemOf(comment)]));
  return { findings: [...kept, ...problems].sort((a, b) => a.line - b.line), suppressed };
}

/**
 * Splits the findings of sources into findings that count and findings that a config suppresses, with findings about
 * the entries of the config.
 */
export function suppressByList<T extends Source & { readonly suppressed: readonly Suppressed[] }>(
  sources: readonly T[],
  { entries }: IgnoreList,
): { readonly sources: readonly T[]; readonly problems: readonly Finding[] } {
  const used = new Set<IgnoreEntry>();
  const expressions = new Map(entries.map((entry) => [entry, entry.file && globExpression(normalize(entry.file))]));
  const isFor = (entry: IgnoreEntry, source: string): boolean => {
    const expression = expressions.get(entry);
    return !expression || entry.file === source || expression.test(normalize(source));
  };
  const kept = sources.map((source): T => {
    const findings: Finding[] = [];
    const suppressed = [...source.suppressed];
    for (const finding of source.findings) {
      const entry = entries.find((each) => each.rule === finding.rule && isFor(each, source.source));
      if (entry === undefined) findings.push(finding);
      else {
        used.add(entry);
        suppressed.push({ ...finding, reason: entry.reason, by: 'config' });
      }
    }
    return { ...source, findings, suppressed };
  });
  const problems = entries.flatMap((entry): readonly Finding[] => {
    if (used.has(entry)) return [];
    if (ruleNamed(entry.rule) === undefined) return [reportUnknown(entry)];
    // A config is for several runs: it says nothing about kinds of sources that this run does not lint.
    const isMeant = sources.some(
      (source) => isFor(entry, source.source) && ruleNamed(entry.rule, source.kind) !== undefined,
    );
    return isMeant ? [reportUnused(entry)] : [];
  });
  return { sources: kept, problems };
}

const COMMENT = /(?:^|\s)#\s*coalmine-ignore\b[ \t]*([^:\s]*)[ \t]*:?[ \t]*(.*)$/;

/**
 * Returns the comments that suppress, on lines that really are comments: in an exposition, a label may contain
 * anything.
 */
function commentsIn(text: string, isExposition: boolean): readonly IgnoreComment[] {
  if (!text.includes('coalmine-ignore')) return [];
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, i): readonly IgnoreComment[] => {
    const isWhole = /^\s*#/.test(line);
    const [, rule = '', reason = ''] = (isWhole || !isExposition ? COMMENT.exec(line) : null) ?? [];
    if (!COMMENT.test(line) || (isExposition && !isWhole)) return [];
    const at = isWhole ? nextLine(lines, i) : i;
    return [{ rule, reason: reason.trim(), line: i + 1, from: i + 1, to: endOf(lines, at) + 1 }];
  });
}

/** Returns the line below a comment: several comments may be above one line. */
function nextLine(lines: readonly string[], from: number): number {
  let at = from + 1;
  while (/^\s*#\s*coalmine-ignore\b/.test(lines[at] ?? '')) at += 1;
  return Math.min(at, lines.length - 1);
}

/** Returns the last line of the text that starts in a line: a block of text (`query: |`) counts as a whole. */
function endOf(lines: readonly string[], at: number): number {
  const line = lines[at] ?? '';
  if (!/[:-]\s+[|>][-+\d]*\s*(?:#.*)?$/.test(line)) return at;
  const indent = indentOf(line);
  let end = at;
  for (let i = at + 1; i < lines.length; i += 1) {
    const next = lines[i] as string;
    if (next.trim() === '') continue;
    if (indentOf(next) <= indent) break;
    end = i;
  }
  return end;
}

function indentOf(line: string): number {
  return line.search(/\S|$/);
}

function problemOf(comment: IgnoreComment): Finding {
  if (comment.rule === '' || comment.reason === '') {
    return createSourceFinding(
      'ignore-without-reason',
      comment.line,
      'The comment has no rule or no reason, so it suppresses nothing',
    );
  }
  return ruleNamed(comment.rule) === undefined ? reportUnknown(comment) : reportUnused(comment);
}

function reportUnknown({ rule, line }: Pick<IgnoreEntry, 'rule' | 'line'>): Finding {
  return createSourceFinding(
    'ignore-unknown-rule',
    line,
    `There is no rule ${JSON.stringify(rule)}, so nothing is suppressed`,
  );
}

function reportUnused({ rule, line }: Pick<IgnoreEntry, 'rule' | 'line'>): Finding {
  return createSourceFinding('ignore-unused', line, `The rule ${rule} finds nothing there, so nothing is suppressed`);
}
