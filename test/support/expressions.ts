import type { Random } from './random.js';

type Kind = 'bool' | 'int' | 'float' | 'string' | 'array' | 'map' | 'any';

const KINDS: readonly Kind[] = ['bool', 'int', 'float', 'string', 'array', 'map'];
const DATES = [
  '"2026-01-20"',
  '"2026-02-29"',
  '"2024-02-29"',
  '"12:30:00"',
  '"2026-01-20 12:30:00.25"',
  '"2026-01-20  1:30:00"',
  '"2026-01-20T12:30:00Z"',
  '"2026-01-20T12:30:00.123456789012-07:30"',
  '"2026-01-20T24:00:00Z"',
  '"2026-01-20t12:30:00z"',
  '"20 Jan 26 12:30 UTC"',
  '"yesterday"',
  '""',
  '7',
  '"20/01/2026", "02/01/2006"',
  '"2026-01-20 7", "2006-01-02 15"',
  '"2026-1-20", "2006-01-02"',
  '"20260120", "20060102"',
  '"1:2", "15:04"',
  '"2026-01-20", "2006-01-02", "UTC"',
  '"2026-01-20", "2006-01-02", "Europe/Berlin"',
] as const;
const DURATIONS = ['"1m"', '"1h30m"', '"90m"', '"-1.5s"', '"24h"', '"5 min"', '"0"'] as const;
const JSONS = [
  '`{"a": [1, 2.50, null], "b": {"c": "\\u003c"}}`',
  '`[1, "x", true]`',
  "'0.1'",
  "'1e400'",
  "'{'",
  "' null '",
  '`"\\ud800"`',
  '`{"a": 1, "a": 2}`',
] as const;
// The share of parts with a wrong type, so that the tests compare refusals as well.
const ODD = 0.04;

/** Generates an expression of expr-lang for a result of Prometheus. Most expressions are accepted, and some are refused. */
export function expressionOf(random: Random): string {
  let variables: { readonly name: string; readonly kind: Kind }[] = [];
  const source = part(random.pick(['bool', 'bool', 'bool', ...KINDS]), 4, []);
  return random.chance(0.05) ? damaged(source, random) : source;

  /** Returns an expression of a type. `pointers` are the types of `#` and similar names in the predicate around it. */
  function part(wanted: Kind, depth: number, pointers: readonly string[]): string {
    const kind = wanted === 'any' || random.chance(ODD) ? random.pick(KINDS) : wanted;
    if (depth <= 0 || random.chance(0.15)) return leaf(kind, pointers);
    const of = (inner: Kind): string => part(inner, depth - 1, pointers);
    const number = (): string => of(random.pick(['int', 'float']));
    const asked = (names: readonly string[], answer: Kind): string => {
      const name = random.pick(names);
      const extra = name === 'map' || name === 'reduce' ? ['#index'] : [];
      const body = part(answer, depth - 1, name === 'reduce' ? ['#', '#acc', ...extra] : ['#', ...extra]);
      const end = name === 'reduce' && random.chance(0.7) ? `, ${of(answer)}` : '';
      const predicate = random.chance(0.3) ? `{${body}}` : body;
      if (end === '' && random.chance(0.15)) return `(${of('array')} | ${name}(${predicate}))`;
      return `${name}(${of('array')}, ${predicate}${end})`;
    };
    const groups = (): string => `groupBy(${of('array')}, ${part(random.pick(KINDS), depth - 1, ['#'])})`;
    const time = (): string => `date(${random.pick(DATES)})`;
    const moment = (): string => (random.chance(0.3) ? 'now()' : time());
    const duration = (): string => `duration(${random.pick(DURATIONS)})`;
    const common: readonly (() => string)[] = [
      () => `(${of('bool')} ? ${of(kind)} : ${of(kind)})`,
      () => `(${of(kind)} ?? ${of(kind)})`,
      () => `(if ${of('bool')} { ${of(kind)} } else { ${of(kind)} })`,
      () => declared(kind, depth, pointers),
      () => asked(['find', 'findLast', 'reduce'], kind === 'bool' ? 'bool' : random.pick(['bool', kind])),
      () => `${of('array')}[${random.chance(0.6) ? String(random.below(4) - 2) : of('int')}]`,
      () => `${of('map')}${random.pick(['.a', '?.b', '["a"]', '?.a.b', '?.["c"]', '.a?.b', '[""]'])}`,
      () => `${random.pick(['first', 'last'])}(${of('array')})`,
      () => `get(${of(random.pick(['array', 'map', 'any']))}, ${of(random.pick(['int', 'string']))})`,
      () => `default(${of('any')}, ${of('any')})`,
      () => `fromJSON(${random.chance(0.7) ? `toJSON(${of('any')})` : random.pick(JSONS)})`,
      () => random.pick(['$env.result', '$env["result"]', 'get($env, "result")', '$env?.nope', 'len($env)']),
      () => `$env.asFloat(${number()})`,
      () => `get(${groups()}, ${of('any')})`,
      () => `(${of('any')}; ${of(kind)})`,
    ];
    if (random.chance(0.2)) return random.pick(common)();
    return random.pick(ofKind())();

    function ofKind(): readonly (() => string)[] {
      switch (kind) {
        case 'bool':
          return [
            () => `(${number()} ${random.pick(['<', '>', '<=', '>=', '==', '!='])} ${number()})`,
            () => `(${number()} ${random.pick(['<', '<='])} ${number()} ${random.pick(['<', '>='])} ${number()})`,
            () => `(${of('bool')} ${random.pick(['&&', '||', 'and', 'or', '==', '!='])} ${of('bool')})`,
            () => `${random.pick(['!', 'not '])}${of('bool')}`,
            () => `(${of('any')} ${random.pick(['in', 'not in'])} ${of(random.pick(['array', 'array', 'map']))})`,
            () => `(${of('int')} in ${of('int')}..${of('int')})`,
            () => `(${of('string')} in ["a", "b", ""])`,
            () =>
              `(${of('string')} ${random.pick(['contains', 'startsWith', 'endsWith', 'not contains', '==', '<'])} ${of('string')})`,
            () =>
              `(${of('string')} matches ${random.pick(['"^[a-c]+$"', '"a.?b"', '"(?:x|y)\\\\d"', '"("', '"a(?=b)"'])})`,
            () => `(${of('any')} ${random.pick(['==', '!='])} ${of('any')})`,
            () => asked(['all', 'any', 'none', 'one'], 'bool'),
            () => `${random.pick(['isNaN', 'isInf'])}(${random.chance(0.8) ? of('float') : of('int')})`,
            () => `isNil(${of('any')})`,
            () => `(${moment()} ${random.pick(['<', '>=', '==', '!='])} ${time()})`,
            () => `(${time()} - ${time()} ${random.pick(['<', '=='])} ${duration()})`,
            () => `(${time()} + ${duration()} ${random.pick(['<', '=='])} ${time()})`,
            () => `(${of('any')} in ${groups()})`,
            () => `(${groups()} == ${random.pick([groups(), 'nil', '{}'])})`,
            () => `(${groups()}[${of('any')}] == ${of(random.pick(['array', 'any']))})`,
          ];
        case 'int':
          return [
            () => `(${of('int')} ${random.pick(['+', '-', '*', '%'])} ${of('int')})`,
            () => `len(${of(random.pick(['array', 'array', 'string', 'map']))})`,
            () => asked(['count', 'findIndex', 'findLastIndex'], 'bool'),
            () => `${random.pick(['-', '+'])}${of('int')}`,
            () => `int(${of(random.pick(['int', 'float', 'string']))})`,
            () => `asInt(${of(random.pick(['int', 'float', 'string']))})`,
            () => `abs(${of('int')})`,
            () => `${random.pick(['max', 'min'])}(${of('int')}, ${of('int')})`,
            () =>
              `${random.pick(['bitand', 'bitor', 'bitxor', 'bitnand', 'bitshl', 'bitshr', 'bitushr'])}(${of('int')}, ${of('int')})`,
            () => `${random.pick(['indexOf', 'lastIndexOf'])}(${of('string')}, ${of('string')})`,
            () => `sum(${of('array')})`,
            () => `len(${groups()})`,
            () => `len(${groups()}[${of('any')}])`,
          ];
        case 'float':
          return [
            () => `(${number()} ${random.pick(['+', '-', '*', '/', '/', '**', '^'])} ${number()})`,
            () => `(${number()} ${random.pick(['+', '-', '*', '/'])} ${number()})`,
            () => `${random.pick(['mean', 'median', 'max', 'min', 'sum'])}(${of('array')})`,
            () => `${random.pick(['mean', 'median', 'max', 'min'])}(${number()}, ${of('array')})`,
            () => `${random.pick(['ceil', 'floor', 'round', 'abs', 'float', 'asFloat'])}(${number()})`,
            () => asked(['sum'], random.pick(['int', 'float'])),
            () => `-${of('float')}`,
            () => `asFloat(${of('string')})`,
          ];
        case 'string':
          return [
            () => `(${of('string')} + ${of('string')})`,
            () => `string(${of(random.pick(['int', 'float', 'bool', 'string']))})`,
            () => `type(${of('any')})`,
            () => `type(${random.pick([moment(), duration(), groups()])})`,
            () => `toJSON(${of('any')})`,
            () => `toJSON({d: ${duration()}, g: ${of('any')}})`,
            () => `${random.pick(['toBase64', 'fromBase64'])}(${of('string')})`,
            () => `fromBase64(toBase64(${of('string')}))`,
            () => `${random.pick(['trim', 'upper', 'lower', 'trimPrefix', 'trimSuffix'])}(${of('string')})`,
            () => `${random.pick(['trim', 'trimPrefix', 'trimSuffix'])}(${of('string')}, ${of('string')})`,
            () =>
              `replace(${of('string')}, ${of('string')}, ${of('string')}${random.chance(0.4) ? `, ${of('int')}` : ''})`,
            () => `repeat(${of('string')}, ${random.below(4)})`,
            () => `join(${of('array')}${random.chance(0.5) ? `, ${of('string')}` : ''})`,
            () => `${of('string')}[${of('int')}:${random.chance(0.5) ? of('int') : ''}]`,
          ];
        case 'map':
          return [
            () => `{a: ${of('any')}, "b": ${of('any')}, (${of('string')}): ${of('any')}}`,
            () => `{a: ${of('map')}}`,
          ];
      }
      return [
        () => `[${of('any')}, ${of('any')}]`,
        () => `${groups()}[${of('any')}]`,
        () => `(${groups()}[${of('any')}] ?? ${of('array')})`,
        () => `[${number()}, ${number()}, ${number()}]`,
        () => asked(['filter'], 'bool'),
        () => asked(['map'], random.pick(KINDS)),
        () => asked(['sortBy'], random.pick(['int', 'float'])),
        () => `(${of('int')}..${of('int')})`,
        () => `${of('array')}[${of('int')}:${of('int')}]`,
        () => `take(${of('array')}, ${random.below(4)})`,
        () => `${random.pick(['reverse', 'uniq', 'flatten', 'sort'])}(${of('array')})`,
        () => `sort(${of('array')}, ${random.pick(['"asc"', '"desc"'])})`,
        () => `concat(${of('array')}, ${of('array')})`,
        () =>
          `${random.pick(['split', 'splitAfter'])}(${of('string')}, ${of('string')}${random.chance(0.3) ? `, ${of('int')}` : ''})`,
        () => `filter(filter(${of('array')}, # > 0), # < 2)${random.pick(['', '[0:1]'])}`,
        () => `map(filter(${of('array')}, # != 1), ${part('any', depth - 2, ['#'])})`,
      ];
    }
  }

  function leaf(kind: Kind, pointers: readonly string[]): string {
    if (pointers.length > 0 && random.chance(0.4)) return random.pick(pointers);
    const known = variables.filter((variable) => variable.kind === kind);
    if (known.length > 0 && random.chance(0.4)) return random.pick(known).name;
    switch (kind) {
      case 'bool':
        return random.pick(['true', 'false', 'len(result) == 1', 'result[0] > 0.5', 'nil']);
      case 'int':
        return random.pick([
          '0',
          '1',
          '2',
          '3',
          '7',
          '-1',
          '0x1F',
          '1_000',
          'len(result)',
          '9223372036854775807',
          'nil',
        ]);
      case 'float':
        return random.pick([
          '0.5',
          '1.0',
          '.25',
          '1e3',
          '-2.5',
          'result[0]',
          'result[1]',
          '1e21',
          '1e-7',
          'result[-1]',
          '0.1',
        ]);
      case 'string':
        return random.pick([
          '"a"',
          "'b'",
          '""',
          '"abc"',
          '`x1`',
          '"7"',
          '"0.5"',
          '"a,b"',
          '","',
          '"NaN"',
          '"a\\tb"',
          '"ä"',
          '" a "',
        ]);
      case 'map':
        return random.pick(['{}', '{a: 1}', '{"a": {b: 2}}', '{"": 0.5, c: "x"}']);
    }
    return random.pick([
      'result',
      'result',
      'result',
      '[]',
      '[1, 2, 3]',
      '1..3',
      '[0.5]',
      '["a", "b"]',
      '[[1], [2, 0.5]]',
      '[true]',
    ]);
  }

  function declared(kind: Kind, depth: number, pointers: readonly string[]): string {
    const name = random.chance(0.95) ? `v${variables.length}` : random.pick(['result', 'len', 'v0']);
    const inner = random.pick(KINDS);
    const value = part(inner, depth - 1, pointers);
    const outer = variables;
    variables = [...variables, { name, kind: inner }];
    const body = part(kind, depth - 1, pointers);
    variables = outer;
    return `(let ${name} = ${value}; ${body})`;
  }
}

/** Removes, doubles or swaps a few characters. */
function damaged(source: string, random: Random): string {
  const at = random.below(source.length);
  const piece = random.pick(['', source.slice(at, at + 3), '?', '.', '|', ' not ', '#', '..', '"', ')', '1', '??']);
  return source.slice(0, at) + piece + source.slice(at + random.below(3));
}
