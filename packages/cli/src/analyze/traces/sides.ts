/** What tells the canary's series from others': the values that labels have there, or that stand within them. */
export interface TracedSides {
  readonly canary: readonly string[];
  readonly others: readonly string[];
  /** Values that may name either. */
  readonly unknown: readonly string[];
}

const CANARY = /canary|latest|preview|new/i;
const OTHERS = /stable|baseline|primary|active|control|old|previous/i;

/** The sides of an analysis of Argo Rollouts, by the names of its arguments: `canary-hash`, `stable-hash`. */
export function sidesOfArguments(args: ReadonlyMap<string, string | undefined>): TracedSides {
  const named = (isNamed: (name: string) => boolean): readonly string[] =>
    [...args].flatMap(([name, value]) => (isNamed(name) && value !== undefined && value !== '' ? [value] : []));
  const canary = named((name) => CANARY.test(name));
  return {
    canary,
    // `checkout` says nothing beside a canary called `checkout-canary`.
    others: named((name) => OTHERS.test(name) && !CANARY.test(name)).filter(
      (value) => !canary.some((other) => names(other, [value])),
    ),
    unknown: named((name) => !CANARY.test(name) && !OTHERS.test(name)),
  };
}

/** The sides of a release by Flagger, which has its users on a copy of the target. */
export function sidesOfTarget(target: string): TracedSides {
  return { canary: [], others: [`${target}-primary`], unknown: [] };
}

/** Whether a label's value, or a pattern of it, names one of some, as a whole word: `shop-7d9c-x` names `7d9c`. */
export function names(value: string, some: readonly string[]): boolean {
  return some.some((name) =>
    new RegExp(`(?<![a-z0-9])${name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(?![a-z0-9])`, 'i').test(value),
  );
}
