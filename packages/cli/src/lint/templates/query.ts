import { typeErrorIn } from '../../promql/check-types.js';
import { isPromqlError, type PromqlError, parsePromql } from '../../promql/parser.js';
import { type Promql, partsOf } from '../../promql/promql.js';

/** The query of a template: with `{{ … }}` in it, and as a parsed tree. */
export interface Query {
  readonly source: string;
  readonly tree: Promql;
  readonly parts: readonly Promql[];
  /** Returns the position of a part in the source. */
  sourceAt(offset: number): number;
  /** Returns the text of a part in the source, on one line. */
  textOf(part: { readonly from: number; readonly to: number }): string;
  /** Returns the source on one line, with parts of it replaced. Edits within edits are ignored. */
  edited(edits: readonly Edit[]): string;
  /** Whether a part replaces `{{ … }}`. */
  isFilled(part: { readonly from: number; readonly to: number }): boolean;
  /** Whether a part replaces a `{{ … }}` without a known value. */
  isGuessed(part: { readonly from: number; readonly to: number }): boolean;
}

export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const STRING = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|${'`[^`]*`'}`;
const PLACEHOLDER = new RegExp(String.raw`${STRING}|\{\{-?\s*(.*?)\s*-?\}\}`, 'gs');

/** Parses the query of a template, with known values for placeholders outside of strings. */
export function parseQuery(source: string, values: Readonly<Record<string, string>>): Query | PromqlError {
  let text = '';
  let end = 0;
  const origins: number[] = [];
  const guessed: number[] = [];
  const add = (piece: string, from: number, step: 0 | 1): void => {
    for (let i = 0; i < piece.length; i += 1) origins.push(from + step * i);
    text += piece;
  };
  for (const match of source.matchAll(PLACEHOLDER)) {
    const [whole, name] = match;
    // The values of labels are only text to the parser.
    if (name === undefined) continue;
    add(source.slice(end, match.index), end, 1);
    if (values[name] === undefined) guessed.push(match.index);
    add(values[name] ?? guess(text), match.index, 0);
    end = match.index + whole.length;
  }
  add(source.slice(end), end, 1);
  const tree = parsePromql(text);
  const sourceAt = (offset: number): number => origins[offset] ?? source.length;
  if (isPromqlError(tree)) return { ...tree, at: sourceAt(tree.at) };
  const isGuessed = ({ from, to }: { readonly from: number; readonly to: number }): boolean =>
    guessed.some((at) => at >= sourceAt(from) && at < sourceAt(to));
  const refused = typeErrorIn(tree, isGuessed);
  if (refused !== undefined) return { ...refused, at: sourceAt(refused.at) };
  const textOf = ({ from, to }: { from: number; to: number }): string =>
    onOneLine(source.slice(sourceAt(from), sourceAt(to)));
  return {
    source,
    tree,
    parts: partsOf(tree),
    sourceAt,
    textOf,
    edited(edits) {
      const outermost = edits
        .filter((edit) => !edits.some((other) => other !== edit && other.from <= edit.from && other.to >= edit.to))
        .sort((a, b) => a.from - b.from);
      let [written, from] = ['', 0];
      for (const edit of outermost) {
        written += source.slice(sourceAt(from), sourceAt(edit.from)) + edit.text;
        from = edit.to;
      }
      return onOneLine(written + source.slice(sourceAt(from)));
    },
    isGuessed,
    isFilled: ({ from, to }) => source.slice(sourceAt(from), sourceAt(to)).includes('{{'),
  };
}

/** Returns a possible text for an unknown part. */
function guess(before: string): string {
  if (/[[:]\s*$/.test(before)) return '5m';
  return /[-<>=*/+,^%]\s*$/.test(before) ? '1' : 'placeholder';
}

const SPACE = new RegExp(String.raw`(${STRING})|#[^\n]*|\s+`, 'g');

/** Returns PromQL on one line: without comments, with strings unchanged. */
export function onOneLine(promql: string): string {
  return promql
    .replace(SPACE, (_, text: string | undefined) => text ?? ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
