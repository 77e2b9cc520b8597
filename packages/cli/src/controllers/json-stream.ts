/** A part of a text. */
export interface TextPart {
  readonly text: string;
  /** The line breaks before it. */
  readonly line: number;
  /** The characters before it on its first line. */
  readonly column: number;
}

/**
 * Returns the JSON objects of a text that has several of them without a separator, as two calls of `kubectl get -o json`
 * write them. kubectl reads such a text; YAML has no such form. Returns an empty list for any other text.
 */
export function splitJson(text: string): readonly TextPart[] {
  if (!/^\s*\{/.test(text)) return [];
  const parts: TextPart[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s"[\]{}]+/gs;
  let [depth, start, line] = [0, 0, 0];
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [own] = found;
    if (own === '{' || own === '[') depth += 1;
    else if (own === '}' || own === ']') depth -= 1;
    else if (depth === 0) return [];
    if (depth > 0) continue;
    const part = text.slice(start, token.lastIndex);
    parts.push({ text: part, line, column: start - (text.slice(0, start).lastIndexOf('\n') + 1) });
    line += part.split('\n').length - 1;
    start = token.lastIndex;
  }
  return depth === 0 && parts.length > 1 ? parts : [];
}
