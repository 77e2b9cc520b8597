import type { Format } from '@coalmine/metrics';
import { createExpositionFinding } from '../create-finding.js';
import type { Finding } from '../finding.js';
import type { Exposition, FamilyType } from './exposition.js';
import { createFamilies, type FamilyDraft } from './families.js';
import { readSampleLine, unquote } from './sample-line.js';
import { quoteShort } from './sentence.js';

/** An exposition, and what is wrong with its syntax. */
export interface Parsed extends Exposition {
  readonly findings: readonly Finding[];
}

const TYPES: Readonly<Record<Format, readonly string[]>> = {
  text: ['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  openmetrics: ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown'],
};

// Thousands of broken lines often follow the first one.
const LISTED = 5;

/** Reads an exposition strictly, and continues after a line that it cannot read. Never throws. */
export function parseExposition(text: string, format: Format): Parsed {
  const findings: Finding[] = [];
  const families = createFamilies(format);
  const unread: Finding[] = [];
  let open: FamilyDraft | undefined;
  let endedAt: number | undefined;

  const lines = text.split('\n');
  const hasLastFeed = lines.at(-1) === '';
  if (hasLastFeed) lines.pop();
  for (const [i, line] of lines.entries()) read(line, i + 1);
  findings.push(...unread.slice(0, LISTED));
  if (unread.length > LISTED) {
    const next = unread[LISTED] as Finding;
    findings.push({
      ...next,
      message: `${unread.length - LISTED} more lines cannot be read, this one first: ${next.message}`,
    });
  }
  checkEnd();
  return { format, families: families.all(), idle: families.idle(), findings };

  function read(line: string, number: number): void {
    if (endedAt !== undefined) return;
    if (line === '# EOF' && format === 'openmetrics') endedAt = number;
    else if (/^[ \t]*#/.test(line)) readComment(line, number);
    else if (line.trim() !== '') readSample(line, number);
    else if (format === 'openmetrics') cannotRead(number, 'it is empty, which OpenMetrics does not allow');
  }

  function readComment(line: string, number: number): void {
    const [, keyword = '', name = '', rest = ''] =
      /^[ \t]*#[ \t]+(HELP|TYPE|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|\S+)[ \t]*(.*)$/.exec(line) ?? [];
    // Any other comment is for people.
    if (keyword === '' || (keyword === 'UNIT' && format === 'text')) return;
    const family = families.open(name.startsWith('"') ? unquote(name) : name, number);
    if (family.samples.length > 0 || family.told.has(keyword)) {
      const why = family.samples.length > 0 ? 'comes after its samples' : 'is in it twice';
      findings.push(
        createExpositionFinding(
          'late-type',
          number,
          `The # ${keyword} of ${family.name} ${why}. Prometheus accepts it; promtool, the Pushgateway and other readers refuse the whole exposition`,
        ),
      );
    }
    family.told.add(keyword);
    if (keyword !== 'TYPE') return;
    if (!TYPES[format].includes(rest))
      return cannotRead(number, `${quoteShort(rest)} is not one of the types ${TYPES[format].join(', ')}`);
    family.type = rest === 'untyped' ? 'unknown' : (rest as FamilyType);
  }

  function readSample(line: string, number: number): void {
    const sample = readSampleLine(line, format);
    if ('error' in sample) {
      if (sample.isNative)
        findings.push(
          createExpositionFinding(
            'native-histogram',
            number,
            `Line ${number} cannot be read: ${sample.error}. A controller cannot read a native histogram either`,
          ),
        );
      else cannotRead(number, sample.error);
      return;
    }
    const { badEscapes, ...read } = sample;
    const [bad] = badEscapes;
    if (bad !== undefined) {
      findings.push(
        createExpositionFinding(
          'bad-escape',
          number,
          `${quoteShort(bad)} is not an escape. Prometheus keeps the backslash in the label; promtool, the Pushgateway and other readers refuse the whole exposition`,
        ),
      );
    }
    const family = families.of(read.name, read.labels, number);
    if (open !== family) {
      if (open !== undefined) open.isClosed = true;
      if (family.isClosed) {
        findings.push(
          createExpositionFinding(
            'split-family',
            number,
            `The samples of ${family.name} continue here, after samples of ${open?.name}. Prometheus accepts it; a reader that relies on groups sees two metrics`,
          ),
        );
      }
      open = family;
    }
    family.samples.push({ ...read, line: number });
  }

  function cannotRead(number: number, why: string): void {
    unread.push(createExpositionFinding('syntax', number, `Line ${number} cannot be read: ${why}`));
  }

  function checkEnd(): void {
    if (format === 'text') {
      if (hasLastFeed || text === '') return;
      findings.push(
        createExpositionFinding(
          'end-of-file',
          lines.length,
          'The last line has no line feed. Prometheus accepts it; promtool, the Pushgateway and other readers refuse the whole exposition',
          'warning',
        ),
      );
    } else if (endedAt === undefined) {
      findings.push(
        createExpositionFinding(
          'end-of-file',
          Math.max(1, lines.length),
          'There is no # EOF, so Prometheus assumes that the exposition was cut off and drops the whole scrape',
        ),
      );
    } else if (endedAt < lines.length) {
      findings.push(
        createExpositionFinding(
          'end-of-file',
          endedAt + 1,
          'There is text after # EOF, so Prometheus drops the whole scrape',
        ),
      );
    }
  }
}
