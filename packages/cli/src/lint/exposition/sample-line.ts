import type { Format } from '@coalmine/metrics';
import { parseSampleValue } from '../../sample-value.js';
import { quoted } from './sentence.js';

/** What a line with a value says, or why it cannot be read. */
export type SampleLine =
  | {
      readonly name: string;
      readonly labels: ReadonlyMap<string, string>;
      readonly value: number;
      /** Escapes that the formats do not have. */
      readonly badEscapes: readonly string[];
    }
  | { readonly error: string; readonly isNative?: boolean };

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/sy;
const BLANKS = /[ \t]*/y;
// As promtool and Prometheus show one.
const NATIVE = /^\{\s*(?:schema|count):/;
const WORD = /[^ \t]+/y;

/** Reads one line with a value, as strictly as the format's definition. Never throws. */
export function readSampleLine(line: string, format: Format): SampleLine {
  let at = 0;
  const badEscapes: string[] = [];
  const labels = new Map<string, string>();
  skipBlanks();
  let name = take(METRIC_NAME);
  skipBlanks();
  if (NATIVE.test(line.slice(at)))
    return { error: 'its value is a native histogram, which text cannot hold', isNative: true };
  if (line[at] === '{') {
    at += 1;
    const error = readLabels();
    if (error !== undefined) return { error };
  }
  if (name === undefined) {
    const isNameless = /^[ \t]*\{/.test(line);
    return {
      error: isNameless
        ? 'it has no metric name'
        : `it begins with ${quoted(line.slice(0, 20))}, which is no metric name`,
    };
  }
  skipBlanks();
  const value = take(WORD);
  const number = value === undefined ? undefined : parseSampleValue(value);
  if (number === undefined) return { error: `its value is ${quoted(value ?? '')}, which is no number` };
  const error = readEnd();
  return error === undefined ? { name, labels, value: number, badEscapes } : { error };

  function readLabels(): string | undefined {
    for (;;) {
      skipBlanks();
      if (line[at] === '}') {
        at += 1;
        return undefined;
      }
      const error = readLabel();
      if (error !== undefined) return error;
    }
  }

  function readLabel(): string | undefined {
    const quotedName = unescaped(take(QUOTED));
    const label = quotedName ?? take(LABEL_NAME);
    if (label === undefined) return `after ${quoted(line.slice(0, at))} a label name is expected`;
    skipBlanks();
    if (line[at] === '=') {
      at += 1;
      skipBlanks();
      const text = take(QUOTED);
      if (text === undefined) return `the value of the label ${label} is not in double quotes that end`;
      if (labels.has(label)) return `it has the label ${label} twice`;
      labels.set(label, unescaped(text) ?? '');
    } else if (quotedName !== undefined) {
      // A name that needs quotes stands among the labels: {"http.requests",route="/"}.
      if (name !== undefined) return `it has two names, ${name} and ${quotedName}`;
      if (quotedName === '') return 'its name is empty';
      name = quotedName;
    } else {
      return `the label ${label} has no value`;
    }
    skipBlanks();
    if (line[at] === ',') at += 1;
    else if (line[at] !== '}') return `after the label ${label} a comma or } is expected`;
    return undefined;
  }

  /** A timestamp may follow, and in OpenMetrics an exemplar. */
  function readEnd(): string | undefined {
    skipBlanks();
    if (at < line.length && line[at] !== '#') {
      const timestamp = take(WORD) ?? '';
      const isTimestamp = format === 'text' ? /^-?\d+$/.test(timestamp) : Number.isFinite(parseSampleValue(timestamp));
      if (!isTimestamp) return `after its value stands ${quoted(timestamp)}, which is no timestamp`;
      skipBlanks();
    }
    if (at >= line.length) return undefined;
    const rest = line.slice(at);
    if (format === 'text') return `after its value stands ${quoted(rest)}; exemplars are for OpenMetrics alone`;
    const exemplar =
      /^# \{(?:(?:[a-zA-Z_]\w*|"(?:[^"\\]|\\.)+")="(?:[^"\\]|\\.)*"(?:,(?!\})|(?=\})))*\} (\S+)(?: (\S+))?$/s.exec(
        rest,
      );
    const numbers = exemplar?.slice(1).filter((text) => text !== undefined);
    return numbers?.every((text) => parseSampleValue(text) !== undefined)
      ? undefined
      : `its exemplar ${quoted(rest)} cannot be read`;
  }

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match[0];
  }

  function skipBlanks(): void {
    take(BLANKS);
  }

  function unescaped(text: string | undefined): string | undefined {
    return text === undefined ? undefined : unquoted(text, badEscapes);
  }
}

/** A text without the quotes around it and the escapes in it; what is no escape stays, and is added to `badEscapes`. */
export function unquoted(text: string, badEscapes: string[] = []): string {
  return text.slice(1, -1).replace(/\\(.)/gs, (pair, character: string) => {
    if (character === 'n') return '\n';
    if (character === '\\' || character === '"') return character;
    badEscapes.push(pair);
    return pair;
  });
}
