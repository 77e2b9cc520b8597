/** Returns a new value that is hard to print. Each call creates a new value, because some are functions with a state. */
export type Awkward = readonly [name: string, make: () => unknown];

function throws(): never {
  throw new Error('nobody reads this');
}

/** Values that JSON cannot represent, or that cannot become a text at all. */
export const AWKWARD_VALUES: readonly Awkward[] = [
  ['a BigInt', () => 10n],
  ['a symbol', () => Symbol('awkward')],
  ['a function', () => throws],
  ['NaN', () => Number.NaN],
  ['infinity', () => Number.NEGATIVE_INFINITY],
  ['an invalid date', () => new Date(Number.NaN)],
  ['an object without a prototype', () => Object.create(null)],
  ['a map', () => new Map([[{}, 10n]])],
  [
    'a cycle',
    () => {
      const cycle: { self?: unknown } = {};
      cycle.self = [cycle];
      return cycle;
    },
  ],
  ['a BigInt deep inside', () => ({ a: [{ b: 10n }] })],
  ['a getter that throws', () => Object.defineProperty({}, 'member', { get: throws, enumerable: true })],
  ['a tag that throws', () => Object.defineProperty({}, Symbol.toStringTag, { get: throws })],
  ['a toJSON that throws', () => ({ toJSON: throws })],
  ['a toJSON that gives nothing', () => ({ toJSON: () => undefined })],
  ['a toJSON that gives a BigInt', () => ({ toJSON: () => 10n })],
  ['a toString that throws', () => ({ toString: throws, [Symbol.toPrimitive]: throws })],
  ['a then that throws', () => Object.defineProperty({}, 'then', { get: throws })],
  ['a proxy whose every trap throws', () => new Proxy({}, new Proxy({}, { get: () => throws }))],
  [
    'a proxy that is revoked',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
  ['an error', () => new RangeError('awkward')],
  ['an error whose message is a BigInt', () => Object.assign(new Error(), { message: 10n })],
  ['an error whose message throws', () => Object.defineProperty(new Error(), 'message', { get: throws })],
  ['a text of a million characters', () => 'long '.repeat(200_000)],
  ['a text of every control character', () => String.fromCharCode(...Array(32).keys())],
  ['half of a surrogate pair', () => '\ud83d'],
  ['a list of a hundred thousand members', () => Array(100_000).fill('member')],
  [
    'a list that nests ten thousand deep',
    () =>
      Array(10_000)
        .fill(0)
        .reduce((inner) => [inner], 'inner' as unknown),
  ],
  ['a million bytes', () => Buffer.alloc(1_000_000)],
];
