import fc from 'fast-check';
import type { Hand } from './strangers-hand.js';

/** One thing that a stranger does, and its parameters. */
export interface Deed {
  readonly kind: string;
  readonly with: unknown;
}

/** A kind of deed: the parameters that it may have, and what is done with them. */
export interface Kind {
  readonly arbitrary: fc.Arbitrary<unknown>;
  perform(hand: Hand, parameters: never): Promise<void>;
}

export type Kinds = Readonly<Record<string, Kind>>;

export function kind<T>(arbitrary: fc.Arbitrary<T>, perform: (hand: Hand, parameters: T) => Promise<void>): Kind {
  return { arbitrary, perform };
}

/** Deeds of any of some kinds. */
export function deedsOf(kinds: Kinds): fc.Arbitrary<Deed> {
  return fc.oneof(...Object.entries(kinds).map(([name, each]) => deedOf(name, each)));
}

export function deedOf(name: string, { arbitrary }: Kind): fc.Arbitrary<Deed> {
  return arbitrary.map((parameters) => ({ kind: name, with: parameters }));
}

/** Any bytes, as text of which each character is one of them. */
export function garbage(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));
}
