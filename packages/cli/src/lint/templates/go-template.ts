const CONTROL = /^(?:if|else|end|range|with|define|template|block|break|continue)\b|^\$\w*\s*:?=/;
const TEXT = /"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'/g;

/** An action between `{{` and `}}` in the query of a MetricTemplate. */
export interface Action {
  readonly text: string;
  /** The action as it is written, with its braces, and in the plain text. */
  readonly written: string;
  readonly plain: string;
  /** The index of its `{{`. */
  readonly index: number;
  /** Whether it controls which text is sent, and is not filled in itself. */
  readonly isControl: boolean;
  /** The names that it reads from `variables`. */
  readonly variables: readonly string[];
}

/** Returns the actions of a Go template, and a text of the same length in which each action is a plain placeholder. */
export function actionsIn(source: string): {
  readonly actions: readonly Action[];
  readonly plain: string;
  /** The index of a `{{` that is not closed. */
  readonly unclosed?: number;
} {
  const actions: Action[] = [];
  let plain = source;
  const pattern = /\{\{(-\s)?(\s*\/\*.*?\*\/\s*|(?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^}"`]|\}(?!\}))*?)(\s-)?\}\}/gs;
  let end = 0;
  for (const match of source.matchAll(pattern)) {
    const [whole, , inner = ''] = match;
    const { index } = match;
    end = index + whole.length;
    const text = inner.trim();
    const isComment = text.startsWith('/*');
    const filling = isComment ? ' '.repeat(whole.length) : whole.replace(/["'`]/g, '_').replace(/[\r\n]/g, ' ');
    plain = plain.slice(0, index) + filling + plain.slice(end);
    if (isComment) continue;
    const isControl = CONTROL.test(text);
    actions.push({ text, written: whole, plain: filling, index, isControl, variables: variablesIn(text) });
  }
  const open = source.indexOf('{{', end);
  return { actions, plain, ...(open < 0 ? {} : { unclosed: open }) };
}

function variablesIn(action: string): readonly string[] {
  return [...action.replace(TEXT, ' ').matchAll(/\bvariables\.(\w+)(?![\w-])/g)].map(([, name = '']) => name);
}
