/** The values of labels, or parts of them, that tell the canary's series from other series. */
export interface TracedSides {
  readonly canary: readonly string[];
  readonly others: readonly string[];
  /** Values that may name either side. */
  readonly unknown: readonly string[];
}

const CANARY = /canary|latest|preview|new/i;
const OTHERS = /stable|baseline|primary|active|control|old|previous/i;

/** Returns the sides of an analysis of Argo Rollouts, by the names of its arguments: `canary-hash`, `stable-hash`. */
export function sidesOfArguments(args: ReadonlyMap<string, string | undefined>): TracedSides {
  const listNamed = (isNamed: (name: string) => boolean): readonly string[] =>
    [...args].flatMap(([name, value]) => (isNamed(name) && value !== undefined && value !== '' ? [value] : []));
  const canary = listNamed((name) => CANARY.test(name));
  return {
    canary,
    // `checkout` says nothing if the canary is called `checkout-canary`.
    others: listNamed((name) => OTHERS.test(name) && !CANARY.test(name)).filter(
      (value) => !canary.some((other) => names(other, [value])),
    ),
    unknown: listNamed((name) => !CANARY.test(name) && !OTHERS.test(name)),
  };
}

/** Returns the sides of a release by Flagger, whose users are on a copy of the target. */
export function sidesOfTarget(target: string): TracedSides {
  return { canary: [], others: [`${target}-primary`], unknown: [] };
}

/**
 * Whether a label's value, or a pattern for it, contains one of some names as a whole word: `shop-7d9c-x` contains
 * `7d9c`.
 */
export function names(value: string, some: readonly string[]): boolean {
  return some.some((name) =>
    new RegExp(`(?<![a-z0-9])${name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(?![a-z0-9])`, 'i').test(value),
  );
}
