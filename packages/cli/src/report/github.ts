import type { Finding } from '../lint/finding.js';
import type { LintResult } from '../lint/lint.js';
import { countFindings, passedOverLines, showCounts } from './findings.js';
import { printableLine } from './printable.js';
import { pathOf } from './source-path.js';

const COMMANDS: Readonly<Record<Finding['severity'], string>> = { error: 'error', warning: 'warning', note: 'notice' };

/**
 * Renders findings as workflow commands of GitHub Actions, which show each finding at its line. Suppressed findings
 * become text of the log.
 */
export function renderGithub({ sources, passedOver }: LintResult): string {
  const commands = sources.flatMap(({ source, findings }) => findings.map((finding) => command(source, finding)));
  const suppressed = sources.flatMap((linted) =>
    linted.suppressed.map(({ line, rule, reason }) => `suppressed ${linted.source}:${line} ${rule}: ${reason}`),
  );
  const rest = [...suppressed, ...passedOverLines(passedOver), `coalmine lint: ${showCounts(countFindings(sources))}`];
  return `${[...commands, ...rest.map(logLine)].join('\n')}\n`;
}

function command(source: string, { severity, rule, line, message, repair }: Finding): string {
  const path = pathOf(source);
  const place = path === undefined ? [] : [`file=${property(path)}`, `line=${line}`];
  const where = path === undefined ? `${source}:${line}: ` : '';
  const text = `${where}${message}. Repair: ${repair}`.split('\n').map(printableLine).join('\n');
  return `::${COMMANDS[severity]} ${[...place, `title=${property(rule)}`].join(',')}::${data(text)}`;
}

/** Returns a line that the runner does not take for a command, whatever it contains. */
function logLine(text: string): string {
  return printableLine(text).replaceAll('##[', '## [');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(printableLine(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
