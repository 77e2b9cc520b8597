import type { Finding, Severity } from './finding.js';
import { type ExpositionRule, RULES, type SourceRule } from './rules.js';

/** Returns the finding of a rule about a file, with its repair, or with a repair for this case. */
export function createSourceFinding(rule: SourceRule, line: number, message: string, repair?: string): Finding {
  const { severity, repair: usual } = RULES.source[rule];
  return { rule, severity, message, repair: repair ?? usual, line };
}

/** Returns the finding of a rule about an exposition, with its severity, or with a severity for this case. */
export function createExpositionFinding(
  rule: ExpositionRule,
  line: number,
  message: string,
  severity: Severity = RULES.exposition[rule].severity,
): Finding {
  return { rule, severity, message, repair: RULES.exposition[rule].repair, line };
}
