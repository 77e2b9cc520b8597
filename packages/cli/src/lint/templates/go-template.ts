const CONTROL = /^(?:if|else|end|range|with|define|template|block|break|continue)\b|^\$\w*\s*:?=/;
const TEXT = /"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'/g;

/** What stands between `{{` and `}}` in the query of a MetricTemplate. */
export interface Action {
  readonly text: string;
  /** Where `{{` stands. */
  readonly index: number;
  /** Whether it chooses what is sent, and is not filled in itself. */
  readonly isControl: boolean;
  /** The names that it asks of `variables`. */
  readonly variables: readonly string[];
}

/** The actions of a Go template, and a text of the same length with the same places in which each is a plain placeholder. */
export function actionsIn(source: string): {
  readonly actions: readonly Action[];
  readonly plain: string;
  /** Where a `{{` stands that is not closed. */
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
    const filling = isComment ? ' '.repeat(whole.length) : whole.replace(/["'`]/g, '_');
    plain = plain.slice(0, index) + filling + plain.slice(end);
    if (!isComment) actions.push({ text, index, isControl: CONTROL.test(text), variables: variablesIn(text) });
  }
  const open = source.indexOf('{{', end);
  return { actions, plain, ...(open < 0 ? {} : { unclosed: open }) };
}

function variablesIn(action: string): readonly string[] {
  return [...action.replace(TEXT, ' ').matchAll(/\bvariables\.(\w+)(?![\w-])/g)].map(([, name = '']) => name);
}
