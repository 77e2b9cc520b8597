import type { Layer, Matcher, Path } from './express.js';

/** The path at which something is mounted, relative to its router. */
export interface Mount {
  /** As text, without a slash at the end; empty for the root. */
  readonly pattern: string;
  /** Equal for two mounts at the same path, and different for all others; `undefined` if nothing tells. */
  readonly scope: string | undefined;
}

/** The text for a part of a pattern that cannot be known: a path is never a label. */
export const OPAQUE = '(mounted)';

const known = new WeakMap<Layer, readonly (Mount | undefined)[]>();

const ROOT = { pattern: '', scope: '' };

/**
 * Returns the mounts of a layer, one for each of its paths; `undefined` for a mount that is unknown before it matches.
 */
export function mountsOf(layer: Layer): readonly (Mount | undefined)[] {
  let mounts = known.get(layer);
  if (mounts === undefined) {
    mounts = readMounts(layer);
    known.set(layer, mounts);
  }
  return mounts;
}

/** Returns the known mounts of a layer. */
export function knownMounts(layer: Layer): readonly Mount[] {
  return mountsOf(layer).filter((mount) => mount !== undefined);
}

function readMounts(layer: Layer): readonly (Mount | undefined)[] {
  if (layer.rawPath !== undefined) return [layer.rawPath].flat().map(mountOf);
  if (layer.slash || layer.regexp?.fast_slash) return [ROOT];
  if (layer.regexp !== undefined) return reverse(layer.regexp, layer.keys);
  return (layer.matchers ?? [undefined]).map(() => undefined);
}

/** Returns the mount at a known path. */
export function mountOf(path: Path): Mount & { readonly scope: string } {
  if (typeof path !== 'string') return { pattern: OPAQUE, scope: `/${OPAQUE}${String(path)}` };
  const pattern = stripSlashes(path.startsWith('/') ? path : `/${path}`);
  return { pattern, scope: pattern };
}

/** Removes the slashes at the end of a pattern. */
export function stripSlashes(pattern: string): string {
  return pattern.replace(/\/+$/, '');
}

/** Reads the path back from the regular expression that Express 4 keeps. */
function reverse(regexp: RegExp, keys: Layer['keys'] = []): readonly Mount[] {
  const END = '\\/?(?=\\/|$)';
  // An array of paths is one expression with an alternative for each.
  const sources = regexp.source.split(`${END}|`).map((source, i, all) => (i < all.length - 1 ? source + END : source));
  // Only the expression of a string ends like this: a RegExp of the user has no better name.
  const isOfString = (source: string): boolean =>
    source.startsWith('^') && source.endsWith(END) && !source.includes('|^');
  if (!sources.every(isOfString)) return [mountOf(regexp)];
  // The others are groups without a name.
  const names = keys.map(({ name }) => name).filter((name) => typeof name === 'string');
  return sources.map((source) => mountOf(reversePath(source.slice(1, -END.length), names)));
}

// What path-to-regexp 0.1 writes for `/:name(…)*?`, for `*` and for `/(`; and escaped characters.
const GROUP = '\\((?:[^()\\\\]|\\\\.|\\((?:[^()\\\\]|\\\\.|\\((?:[^()\\\\]|\\\\.)*\\))*\\))*\\)';
const TOKEN = new RegExp(
  `\\(\\?:(\\\\/|\\\\\\.)?(${GROUP})(\\(\\(\\?:\\[\\/.{0,2}\\]\\.\\+\\?\\)\\?\\))?\\)(\\?)?|(\\(\\.\\*\\))|(\\(\\?:)|\\\\([/.])`,
  'g',
);

function reversePath(source: string, names: string[]): string {
  return source.replace(TOKEN, (_token, before = '', capture, star, optional = '', any, group, escaped) => {
    if (any !== undefined) return '*';
    if (group !== undefined) return '(';
    if (escaped !== undefined) return escaped;
    const name = names.shift();
    const custom = /^\(\[\^\/(?:\\\.)?\]\+\?\)$|^\(\(\?:\(\?!/.test(capture) ? '' : capture.replaceAll('(.*)', '*');
    return `${before.replace('\\', '')}:${name}${custom}${star === undefined ? '' : '*'}${optional}`;
  });
}

// No request contains this by chance.
const PROBE = 'coalmine-probe';

/**
 * Learns the unknown mounts of a layer from a path, if the path matches them: router 2.0 to 2.2 keeps only functions
 * that match.
 */
export function learnMounts(layer: Layer, path: string): void {
  const mounts = mountsOf(layer);
  if (!mounts.includes(undefined)) return;
  known.set(
    layer,
    mounts.map((mount, i) => mount ?? learn(layer.matchers?.[i], path)),
  );
}

function learn(matcher: Matcher | undefined, path: string): Mount | undefined {
  if (matcher === undefined) return undefined;
  try {
    const match = matcher(path);
    if (match === false) return undefined;
    const pattern =
      matcher.name === 'regexpMatcher' ? undefined : shapeOf(matcher, stripSlashes(match.path), match.params);
    return pattern === undefined ? { pattern: OPAQUE, scope: undefined } : mountOf(pattern);
  } catch {
    // The path cannot be decoded.
    return undefined;
  }
}

/**
 * Returns the pattern behind a match, or `undefined` for a pattern whose segments are not fixed. Calling the function
 * with the same path and one segment exchanged tells parameters from fixed text. The result does not depend on which
 * path came first: text is written in lower case if the function ignores case.
 */
function shapeOf(matcher: Matcher, path: string, params: Readonly<Record<string, unknown>>): string | undefined {
  const segments = path.split('/');
  const matches = (changed: readonly string[]): ReturnType<Matcher> => {
    const text = changed.join('/');
    const match = matcher(text);
    return match !== false && stripSlashes(match.path) === text ? match : false;
  };
  let found = 0;
  const pattern = segments.map((segment, i) => {
    const match = i === 0 ? false : matches(segments.with(i, PROBE));
    if (match === false) return segment;
    const name = Object.keys(match.params).find((key) => match.params[key] === PROBE);
    if (name !== undefined) found++;
    return `:${name}`;
  });
  if (found !== Object.keys(params).length) return undefined;
  const others = segments.flatMap((_, i) => [
    ...(i === 0 ? [] : [segments.toSpliced(i, 1)]),
    segments.toSpliced(i + 1, 0, PROBE),
  ]);
  if (others.some((changed) => matches(changed) !== false)) return undefined;
  const isAnyCase = matches(segments.map((segment) => segment.toUpperCase())) !== false;
  return pattern.map((part, i) => (isAnyCase && part === segments[i] ? part.toLowerCase() : part)).join('/');
}

/**
 * Returns the expression for the base URLs of a pattern. Parameters match a segment; anything more complex matches
 * anything, because the expression only chooses between known mounts.
 */
export function baseUrlsOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\(mounted\)|\{[^}]*\}|:[A-Za-z0-9_$]+(?:\([^)]*\))?[?*+]?|\*[A-Za-z0-9_$]*)/)
    .map((part, i) => {
      if (i % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return part.startsWith(':') && !/[?*]$/.test(part) ? '[^/]+' : '.*';
    })
    .join('');
  return new RegExp(`^${source}/?$`, 'i');
}
