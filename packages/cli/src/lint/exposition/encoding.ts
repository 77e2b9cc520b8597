import type { BadByte, Contents } from '../../contents.js';
import { createSourceFinding } from '../create-finding.js';
import type { Finding } from '../finding.js';

/** Finds where an exposition is not UTF-8. A comment for people may contain anything. */
export function checkEncoding({ text, notUtf8 }: Contents): readonly Finding[] {
  if (notUtf8.length === 0) return [];
  const lines = text.split('\n');
  const isRead = ({ line }: BadByte): boolean =>
    !/^[ \t]*#(?![ \t]+(?:HELP|TYPE|UNIT)[ \t])/.test(lines[line - 1] ?? '');
  const [first, ...more] = notUtf8.filter(isRead);
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : ` (and ${more.length} more such lines)`;
  return [
    createSourceFinding(
      'not-utf8',
      first.line,
      `The byte ${first.byte} is not UTF-8${others}. Prometheus drops the whole scrape`,
      'Write names, labels and help texts in UTF-8.',
    ),
  ];
}
