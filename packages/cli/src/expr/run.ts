import { NotKnownHereError } from '../not-known-here.js';
import type { Surroundings } from './signature.js';
import type { Value } from './value.js';

// The most that expr-lang keeps.
const MOST_KEPT = 1_000_000;
// More than any condition needs, and well within a second.
const MOST_STEPS = 2_000_000;

interface Account {
  kept: number;
  steps: number;
}

/** The surroundings of a part of an expression during its evaluation. */
export class Run implements Surroundings {
  readonly now: bigint;
  readonly #values: ReadonlyMap<string, Value>;
  readonly #pointers: Readonly<Record<string, Value>>;
  readonly #account: Account;

  constructor(
    values: ReadonlyMap<string, Value>,
    now: bigint,
    pointers: Readonly<Record<string, Value>> = {},
    account: Account = { kept: 0, steps: 0 },
  ) {
    this.now = now;
    this.#values = values;
    this.#pointers = pointers;
    this.#account = account;
  }

  /** Returns the same run with one more variable. */
  declaring(name: string, value: Value): Run {
    return new Run(new Map([...this.#values, [name, value]]), this.now, this.#pointers, this.#account);
  }

  /** Returns the same run with `#`, `#index` and `#acc`. */
  within(pointers: Readonly<Record<string, Value>>): Run {
    return new Run(this.#values, this.now, pointers, this.#account);
  }

  valueOf(name: string): Value {
    return this.#values.get(name) ?? null;
  }

  pointer(name: string): Value {
    return this.#pointers[name] ?? null;
  }

  /** Counts one more evaluated part, so that every expression ends. */
  step(): void {
    this.#account.steps += 1;
    if (this.#account.steps > MOST_STEPS) throw new NotKnownHereError('an expression that takes so many steps');
  }

  /** Counts elements and characters that are kept. Throws if there are too many. */
  readonly keep = (count: number): void => {
    this.#account.kept += count;
    if (this.#account.kept >= MOST_KEPT) throw new Error('memory budget exceeded');
  };
}
