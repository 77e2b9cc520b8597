import { BEYOND_GO } from '../go/regexp.js';
import { letsThrough } from './matcher.js';
import type { PromqlError } from './parser.js';
import type { Aggregate, Binary, PlacedMatcher, Promql, Range } from './promql.js';

/** The type of a part of a query; `undefined` if it is not known here. */
type Type = 'scalar' | 'instant vector' | 'range vector' | 'string' | undefined;

const TYPES: Readonly<Record<string, Type>> = {
  s: 'scalar',
  v: 'instant vector',
  m: 'range vector',
  t: 'string',
};

/** The functions of Prometheus by the types of their arguments; with `?` the last argument may be left out. */
const SIGNATURES: Readonly<Record<string, string>> = {
  '': 'pi time',
  m: `absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate last_over_time
    mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time
    ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time`,
  ms: 'predict_linear',
  mss: 'double_exponential_smoothing holt_winters',
  s: 'vector',
  sm: 'quantile_over_time',
  ssv: 'histogram_fraction',
  sv: 'histogram_quantile',
  v: `abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count histogram_stddev
    histogram_stdvar histogram_sum ln log10 log2 rad scalar sgn sin sinh sort sort_desc sqrt tan tanh timestamp`,
  vs: 'clamp_max clamp_min',
  vss: 'clamp',
  vtttt: 'label_replace',
  '?v': 'days_in_month day_of_month day_of_week day_of_year hour minute month year',
  '?vs': 'round',
};

const SIGNATURE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(SIGNATURES).flatMap(([signature, names]) =>
    names.split(/\s+/).map((name): [string, string] => [name, signature]),
  ),
);

const SCALARS: ReadonlySet<string> = new Set(['pi', 'time', 'scalar']);
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const SETS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);
const PARAMETERS: Readonly<Record<string, Type>> = {
  topk: 'scalar',
  bottomk: 'scalar',
  quantile: 'scalar',
  limitk: 'scalar',
  limit_ratio: 'scalar',
  count_values: 'string',
};

/**
 * Returns why Prometheus refuses a query that parses, because a part has another type than the part around it needs.
 * `isUnknown` says of which parts the type is not known.
 */
export function typeErrorIn(query: Promql, isUnknown: (part: Promql) => boolean): PromqlError | undefined {
  let found: PromqlError | undefined;
  typeOf(query);
  return found;

  function refuse(part: { readonly from: number }, error: string): void {
    found ??= { error, at: part.from };
  }

  function typeOf(part: Promql): Type {
    const type = checkedTypeOf(part);
    return isUnknown(part) ? undefined : type;
  }

  function checkedTypeOf(part: Promql): Type {
    switch (part.kind) {
      case 'number':
        return 'scalar';
      case 'string':
        return 'string';
      case 'selector':
        if (part.metric === '' && part.matchers.every((matcher) => letsThrough(matcher, '') === true))
          refuse(part, 'a selector needs the name of a metric, or a matcher that an empty text does not match');
        for (const matcher of part.matchers) checkExpression(matcher);
        if (part.range === undefined) return 'instant vector';
        checkRange(part.range);
        return 'range vector';
      case 'negative':
        return operandOf(part.of);
      case 'subquery':
        expect(part.of, 'instant vector', 'a subquery');
        checkRange(part.range);
        if ((part.stepSeconds ?? 1) <= 0) refuse(part.range, 'a step must be longer than 0');
        return 'range vector';
      case 'aggregate':
        checkAggregate(part);
        return 'instant vector';
      case 'binary':
        return checkBinary(part);
      default:
        checkCall(part.name, part.args, part);
        return SIGNATURE_OF.has(part.name) ? (SCALARS.has(part.name) ? 'scalar' : 'instant vector') : undefined;
    }
  }

  function checkRange(range: Range): void {
    if (range.seconds <= 0) refuse(range, 'a window must be longer than 0');
  }

  function checkExpression({ operator, value, from }: PlacedMatcher): void {
    const plain = value.replace(/\{\{.*?\}\}/g, 'x');
    if (!operator.endsWith('~')) return;
    const [beyond] = BEYOND_GO.exec(plain) ?? [];
    if (beyond !== undefined)
      return refuse({ from }, `Prometheus does not know ${beyond} in a regular expression, ${JSON.stringify(value)}`);
    // Go and JavaScript refuse the same expressions, as long as these have neither groups with `(?` nor escapes.
    if (/\(\?|\\|\[\[/.test(plain)) return;
    if (letsThrough({ label: '', operator, value: plain }, '') === undefined)
      refuse({ from }, `${JSON.stringify(value)} is not a regular expression`);
  }

  function expect(part: Promql, wanted: Type, by: string): void {
    const type = typeOf(part);
    if (type !== undefined && type !== wanted)
      refuse(part, `${by} takes ${withArticle(wanted)}, got ${withArticle(type)}`);
  }

  function checkAggregate({ operator, args, from }: Aggregate): void {
    const parameter = PARAMETERS[operator];
    const count = parameter === undefined ? 1 : 2;
    const expression = args.at(-1);
    if (args.length !== count || expression === undefined) {
      return refuse({ from }, `${operator} takes ${argumentsOf(count)}, got ${args.length}`);
    }
    expect(expression, 'instant vector', operator);
    const [first] = args;
    if (parameter !== undefined && first !== undefined) expect(first, parameter, operator);
  }

  function operandOf(part: Promql): Type {
    const type = typeOf(part);
    if (type !== 'range vector' && type !== 'string') return type;
    refuse(part, `an operator takes scalars and instant vectors, got ${withArticle(type)}`);
    return undefined;
  }

  function checkBinary(part: Binary): Type {
    const { operator, isBool, matching, left, right } = part;
    const types = [operandOf(left), operandOf(right)];
    if (isBool && !COMPARISONS.has(operator)) refuse(part, `bool belongs to a comparison, not to ${operator}`);
    if (SETS.has(operator) && matching?.many !== undefined)
      refuse(part, `group_${matching.many} does not belong to ${operator}`);
    const twice =
      matching?.isOn === true ? matching.included.find((label) => matching.labels.includes(label)) : undefined;
    if (twice !== undefined) refuse(part, `the label ${twice} is in on() and in group_${matching?.many}()`);
    if (SETS.has(operator) && types.includes('scalar'))
      refuse(types[0] === 'scalar' ? left : right, `${operator} takes two instant vectors, got a scalar`);
    if (types.every((type) => type === 'scalar')) {
      if (COMPARISONS.has(operator) && !isBool)
        refuse(part, `a comparison of two scalars needs bool: ${operator} bool`);
      return 'scalar';
    }
    return types.includes('instant vector') ? 'instant vector' : undefined;
  }

  function checkCall(name: string, args: readonly Promql[], part: Promql): void {
    const signature = SIGNATURE_OF.get(name);
    if (signature === undefined) {
      // The second argument of info() only has matchers.
      for (const arg of name === 'info' ? args.slice(0, 1) : args) typeOf(arg);
      return;
    }
    const wanted = [...signature.replace('?', '')].map((letter) => TYPES[letter]);
    const least = wanted.length - (signature.includes('?') ? 1 : 0);
    if (args.length < least || args.length > wanted.length) {
      return refuse(part, `${name}() takes ${argumentsOf(wanted.length)}, got ${args.length}`);
    }
    for (const [i, arg] of args.entries()) expect(arg, wanted[i], `${name}()`);
  }
}

function withArticle(type: Type): string {
  return `${type === 'instant vector' ? 'an' : 'a'} ${type}`;
}

function argumentsOf(count: number): string {
  return count === 1 ? 'one argument' : `${count} arguments`;
}
