// Never empty, so that a list of indices is read in one way only.
const INDEX = String.raw`(?:\*|'[^']*'|-?\d+(?::(?:-?\d+)?){0,2}|(?::(?:-?\d+)?){1,2})`;
const QUOTED = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;
const NAME = String.raw`(?:\\.|[^\s.,[\]$@{}\\])*`;

/** What the parser of Kubernetes reads within the braces of a path, one after the other. */
const TOKEN = new RegExp(
  [
    '[ @$]',
    String.raw`\[\?\((?:${QUOTED}|[^)"'\n])*\)\]`,
    String.raw`\[${INDEX}?\]|\[(?: *${INDEX})?(?: *,(?: *${INDEX})?)+ *\]`,
    QUOTED,
    String.raw`(?!\.{4})(?:\.\.|\.${NAME})`,
    String.raw`[+-]?(?:\d+\.?\d*|\.\d+)`,
    String.raw`[\p{L}_]${NAME}`,
  ].join('|'),
  'uy',
);

/** Returns the index in a JSONPath of Kubernetes from which it cannot be read; `undefined` if it can be read. */
export function jsonPathErrorAt(path: string): number | undefined {
  for (let open = path.indexOf('{'); open >= 0; ) {
    TOKEN.lastIndex = open + 1;
    let at = open + 1;
    while (TOKEN.test(path)) at = TOKEN.lastIndex;
    if (path[at] !== '}') return at;
    open = path.indexOf('{', at);
  }
  return undefined;
}
