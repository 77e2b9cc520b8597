import fc from 'fast-check';
import type { Hand } from './strangers-hand.js';

/** One thing that a stranger does, and its parameters. */
export interface Deed {
  readonly kind: string;
  readonly with: unknown;
}

/** A kind of deed: its possible parameters, and what it does with them. */
export interface Kind {
  readonly arbitrary: fc.Arbitrary<unknown>;
  perform(hand: Hand, parameters: never): Promise<void>;
}

export type Kinds = Readonly<Record<string, Kind>>;

export function kind<T>(arbitrary: fc.Arbitrary<T>, perform: (hand: Hand, parameters: T) => Promise<void>): Kind {
  return { arbitrary, perform };
}

/** Returns random deeds of some kinds. */
export function deedsOf(kinds: Kinds): fc.Arbitrary<Deed> {
  return fc.oneof(...Object.entries(kinds).map(([name, each]) => deedOf(name, each)));
}

export function deedOf(name: string, { arbitrary }: Kind): fc.Arbitrary<Deed> {
  return arbitrary.map((parameters) => ({ kind: name, with: parameters }));
}

/** Random bytes, as a text in which each character is one byte. */
export function garbage(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));
}
