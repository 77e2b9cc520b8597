import { NotKnownHereError } from '../not-known-here.js';

/**
 * Compiles a regular expression of Go (RE2). Throws for an expression that Go refuses, and `NotKnownHereError` for one
 * that has another meaning in JavaScript, or could take JavaScript too long.
 */
export function compileRegExp(source: string): RegExp {
  const refused = /\(\?(?:[=!]|<[=!])|\\[1-9]/.exec(source.replace(/\\\\/g, ''));
  if (refused !== null)
    throw new Error(`invalid regular expression ${JSON.stringify(source)}: Go has no ${refused[0]}`);
  const known =
    /^(?:[^\\()[\]{}*+?|^$]|\\[^\p{L}\d]|\\[dDwWsStnrfv]|\[\^?(?:[^\\[\]&]|\\[^\p{L}\d]|\\[dDwW])+\]|\((?:\?:)?|\)|[|^$]|[*+?]\??|\{\d{1,3}(?:,\d{0,3})?\}\??)*$/u;
  const isNested = /[*+}]\??\)+(?:[*+]|\{)|\?\)+(?:[*+]|\{)/.test(source);
  if (!known.test(source) || isNested || /\\[sS]/.test(source)) {
    throw new NotKnownHereError(`the regular expression ${JSON.stringify(source)}`);
  }
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    throw new Error(`invalid regular expression ${JSON.stringify(source)}: ${(error as Error).message}`);
  }
}
