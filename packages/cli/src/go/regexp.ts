import { NotKnownHereError } from '../not-known-here.js';

/** What JavaScript and Perl have in regular expressions, and Go does not: looking around, and references to groups. */
export const BEYOND_GO: RegExp = /(?<=(?:^|[^\\])(?:\\\\)*)(?:\(\?(?:<?[=!]|>)|\\(?:[1-9]|k|Z|u))/;

/**
 * Compiles a regular expression of Go (RE2). Throws for an expression that Go refuses, and `NotKnownHereError` for one
 * that has another meaning in JavaScript, or could take JavaScript too long.
 */
export function compileRegExp(go: string): RegExp {
  const [, flags = '', written = go] = /^\(\?([ims]+)\)(.*)$/s.exec(go) ?? [];
  const source = flags.includes('m') ? written : withoutGoNames(written);
  const refused = BEYOND_GO.exec(source);
  if (refused !== null) throw new Error(`invalid regular expression ${JSON.stringify(go)}: Go has no ${refused[0]}`);
  const known =
    /^(?:[^\\()[\]{}*+?|^$]|\\[^\p{L}\d]|\\[dDwWsStnrfv]|\[\^?(?:[^\\[\]&]|\\[^\p{L}\d]|\\[dDwW])+\]|\((?:\?:|\?<[a-z]\w*>|(?!\?))|\)|[|^$]|[*+?]\??|\{\d{1,3}(?:,\d{0,3})?\}\??)*$/u;
  const isNested = /[*+}]\??\)+(?:[*+]|\{)|\?\)+(?:[*+]|\{)/.test(source);
  if (!known.test(source) || isNested || /\\[sS]/.test(source)) {
    throw new NotKnownHereError(`the regular expression ${JSON.stringify(go)}`);
  }
  try {
    return new RegExp(source, `${[...new Set(flags)].join('')}u`);
  } catch (error) {
    if (ONLY_IN_GO.test(source)) throw new NotKnownHereError(`the regular expression ${JSON.stringify(go)}`);
    throw new Error(`invalid regular expression ${JSON.stringify(go)}: ${(error as Error).message}`);
  }
}

// Anchors that are repeated, escapes of characters without a meaning, and names.
const ONLY_IN_GO = /[$^][*+?{]|\\[^\p{L}\d^$\\.*+?()[\]{}|/]|\(\?</u;

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** Writes what JavaScript spells in another way as JavaScript does: `[[:alpha:]]`, `(?P<name>…)`, `\A` and `\z`. */
function withoutGoNames(source: string): string {
  return source
    .replace(/\[\^?(?:\\.|\[:\w+:\]|[^\]\\])+\]/gs, (set) =>
      set.replace(/(?!^)\[:(\w+):\]/g, (whole, name: string) => CLASSES[name] ?? whole),
    )
    .replace(/\(\?P<(?=[a-z]\w*>)/g, '(?<')
    .replace(/^\\A/, '^')
    .replace(/(?<!\\)\\z$/, '$');
}
