import type { Place } from '../../controllers/objects.js';
import type { Finding, Severity } from '../finding.js';
import { RULES, type TemplateRule } from '../rules.js';

/**
 * Reports what a rule has found. The repair is `field: text` per line, or a sentence. Without a severity, the severity
 * of the rule applies.
 */
export type Report = (rule: TemplateRule, place: Place, message: string, repair: string, severity?: Severity) => void;

/** How templates are used. */
export interface Setting {
  /** Seconds between two scrapes. */
  readonly scrapeSeconds: number;
  /** Seconds that a pod takes to become ready. */
  readonly startSeconds: number;
  readonly report: Report;
}

/** Returns a report for findings that decide nothing: an error becomes a warning. */
export function milder(report: Report): Report {
  return (rule, place, message, repair, severity = RULES.template[rule].severity) =>
    report(rule, place, message, repair, severity === 'error' ? 'warning' : severity);
}

const WEIGHTS: Readonly<Record<Severity, number>> = { error: 2, warning: 1, note: 0 };

/** The findings so far. */
export interface Findings {
  readonly report: Report;
  /** Whether one of these rules has a finding at a place. */
  has(rules: readonly TemplateRule[], place: Place): boolean;
  all(): readonly Finding[];
}

/** Creates a collector of findings: each finding once, in the order of the files. */
export function createFindings(): Findings {
  const findings = new Map<string, Finding>();
  return {
    report(rule, place, message, repair, severity = RULES.template[rule].severity) {
      const { file, line } = place;
      const key = keyOf(rule, place);
      const before = findings.get(key);
      // A finding in an anchor would repeat at each alias.
      if (before !== undefined && WEIGHTS[before.severity] >= WEIGHTS[severity]) return;
      findings.set(key, { rule, severity, message, repair, line, file });
    },
    has: (rules, place) => rules.some((rule) => findings.has(keyOf(rule, place))),
    all: () => [...findings.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : 0)),
  };
}

function keyOf(rule: TemplateRule, { file, line, column }: Place): string {
  return JSON.stringify([rule, file, line, column]);
}
