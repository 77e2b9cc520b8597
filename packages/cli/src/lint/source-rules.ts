import type { Finding } from './finding.js';

export type SourceRule = 'not-utf8' | 'not-linted' | 'ignore-without-reason' | 'ignore-unknown-rule' | 'ignore-unused';

/**
 * The rules for files of any kind, and for the comments and the list that suppress findings. Each has a heading in
 * docs/lint.md.
 */
export const SOURCE_RULES: Readonly<Record<SourceRule, readonly [severity: Finding['severity'], repair: string]>> = {
  'not-utf8': ['error', 'Write the file in UTF-8.'],
  'not-linted': ['note', 'Leave it out, or check it with the tool that reads it.'],
  'ignore-without-reason': ['warning', 'Write `# coalmine-ignore rule: reason`.'],
  'ignore-unknown-rule': [
    'warning',
    'Write the name of the rule as the finding shows it; docs/lint.md lists all rules.',
  ],
  'ignore-unused': ['warning', 'Remove it.'],
};

/** Returns the finding of a rule, with its repair, or with a repair for this case. */
export function createSourceFinding(rule: SourceRule, line: number, message: string, repair?: string): Finding {
  const [severity, usual] = SOURCE_RULES[rule];
  return { rule, severity, message, repair: repair ?? usual, line };
}
