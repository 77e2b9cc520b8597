import type { Layer, Path } from './express.js';

/** Where a router is mounted. */
export interface Mount {
  /** As text, without a slash at the end; empty for the root. */
  readonly pattern: string;
  /** Whether a request's `baseUrl` is this mount. */
  matches(baseUrl: string): boolean;
}

/** Stands for a part of a pattern that cannot be known: a path is never a label. */
export const OPAQUE = '(mounted)';

// No request carries this by chance.
const PROBE = 'coalmine-probe';

/** The mount of `pattern` below `base`. */
export function mountAt(base: string, pattern: string): Mount {
  const full = (base + pattern).replace(/\/+$/, '');
  let regexp: RegExp | undefined;
  return {
    pattern: full,
    matches: (baseUrl) => {
      if (baseUrl === full) return true;
      regexp ??= regexpOf(full);
      return regexp.test(baseUrl);
    },
  };
}

/** A path as pattern text. */
export function patternOf(path: Path): string {
  if (typeof path !== 'string') return OPAQUE;
  return path === '/' ? '' : path;
}

const probed = new WeakMap<Layer, readonly string[]>();

/** The patterns at which something is mounted; `undefined` while nothing can be said, before its first request. */
export function patternsOf(layer: Layer): readonly string[] | undefined {
  if (layer.rawPath !== undefined) return [layer.rawPath].flat().map(patternOf);
  if (layer.slash || layer.regexp?.fast_slash) return [''];
  const known = probed.get(layer) ?? (layer.regexp && reversed(layer.regexp, layer.keys)) ?? probe(layer);
  if (known !== undefined) probed.set(layer, known);
  return known;
}

/** Express 4 keeps a regular expression; those of plain paths can be read back. */
function reversed(regexp: RegExp, keys: Layer['keys'] = []): readonly string[] | undefined {
  const names = keys.map((key) => (key as { name: unknown }).name);
  const END = '\\/?(?=\\/|$)';
  // An array of paths is one expression with an alternative for each.
  const sources = regexp.source.split(`${END}|`).map((source, i, all) => (i < all.length - 1 ? source + END : source));
  // Only the expression of a string ends like this: what a user wrote as RegExp has no better name.
  if (!sources.every((source) => source.startsWith('^') && source.endsWith(END))) return [OPAQUE];
  const patterns = sources.map((source) => {
    const path = source
      .slice(1, -END.length)
      .replaceAll('(?:\\/([^/]+?))', () => `/:${String(names.shift())}`)
      .replace(/\\([/.-])/g, '$1');
    return /[\\()[\]|+*^$]/.test(path) ? undefined : path;
  });
  return patterns.includes(undefined) ? undefined : (patterns as string[]);
}

/**
 * router 2.0 to 2.2 keeps nothing but matching functions and the last match. Asking them about that match with one
 * segment exchanged tells parameters from fixed text.
 */
function probe(layer: Layer): readonly string[] | undefined {
  if (layer.matchers?.some(({ name }) => name === 'regexpMatcher')) return [OPAQUE];
  const { path, params, keys } = layer;
  if (path === undefined || params === undefined) return undefined;
  let found = 0;
  const segments = path.replace(/\/$/, '').split('/');
  const pattern = segments.map((segment, i) => {
    if (i === 0 || !layer.match(segments.with(i, PROBE).join('/'))) return segment;
    const name = Object.keys(layer.params ?? {}).find((key) => layer.params?.[key] === PROBE);
    if (name !== undefined) found++;
    return `:${name}`;
  });
  // As if nobody had asked.
  layer.path = path;
  layer.params = params;
  if (keys !== undefined) layer.keys = keys;
  return [found === Object.keys(params).length ? pattern.join('/') : OPAQUE];
}

/** Parameters match a segment; anything fancier matches anything, since this only chooses between known mounts. */
function regexpOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\(mounted\)|\{[^}]*\}|:[A-Za-z0-9_$]+(?:\([^)]*\))?[?*+]?|\*[A-Za-z0-9_$]*)/)
    .map((part, i) => {
      if (i % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return part.startsWith(':') && !/[?*]$/.test(part) ? '[^/]+' : '.*';
    })
    .join('');
  return new RegExp(`^${source}/?$`, 'i');
}
