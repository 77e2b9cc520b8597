import { NotKnownHereError } from '../not-known-here.js';
import type { Surroundings } from './signature.js';
import type { Value } from './value.js';

// What expr-lang keeps at most.
const MOST_KEPT = 1_000_000;
// More than any condition takes, and well within a second.
const MOST_STEPS = 2_000_000;

interface Account {
  kept: number;
  steps: number;
}

/** What a part of an expression sees while it is evaluated. */
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

  /** The same run with one more variable. */
  declaring(name: string, value: Value): Run {
    return new Run(new Map([...this.#values, [name, value]]), this.now, this.#pointers, this.#account);
  }

  /** The same run with `#`, `#index` and `#acc`. */
  within(pointers: Readonly<Record<string, Value>>): Run {
    return new Run(this.#values, this.now, pointers, this.#account);
  }

  valueOf(name: string): Value {
    return this.#values.get(name) ?? null;
  }

  pointer(name: string): Value {
    return this.#pointers[name] ?? null;
  }

  /** Accounts for one more part that is evaluated, so that every expression ends. */
  step(): void {
    this.#account.steps += 1;
    if (this.#account.steps > MOST_STEPS) throw new NotKnownHereError('an expression that takes so many steps');
  }

  /** Accounts for elements and characters that are kept. Throws if there are too many. */
  readonly keep = (count: number): void => {
    this.#account.kept += count;
    if (this.#account.kept >= MOST_KEPT) throw new Error('memory budget exceeded');
  };
}
