import { has } from '../read.js';

/** An argument of a template. */
export interface Argument {
  readonly name?: string;
  readonly value?: unknown;
  readonly valueFrom?: unknown;
}

/** Whether an argument of a template has a default: a value, or a secret. Only the arguments of a Rollout have fields. */
export function hasDefault({ value, valueFrom }: Argument): boolean {
  return (value !== undefined && value !== null) || has(valueFrom, 'secretKeyRef');
}

/**
 * Returns the first argument with two different defaults, in one template or in several that run together. Argo
 * Rollouts then always refuses the run. Returns `undefined` if there is none.
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
