/** An argument of a template. */
export interface Argument {
  readonly name?: string;
  readonly value?: unknown;
  readonly valueFrom?: unknown;
}

/**
 * Returns the first argument that has two defaults that differ, in one template or in several that are run together, for
 * which Argo Rollouts refuses the run, whatever it is given; `undefined` where there is none.
 */
export function twiceSet<T extends Argument>(args: readonly T[]): T | undefined {
  const values = new Map<string, string>();
  return args.find(({ name = '', value }) => {
    if (value === undefined || value === null) return false;
    const before = values.get(name);
    if (before === undefined) values.set(name, String(value));
    return before !== undefined && before !== String(value);
  });
}
