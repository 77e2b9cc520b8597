import { describe, expect, it } from 'vitest';
import { createEvaluation } from '../../packages/cli/src/expr/argo.js';
import { ExpressionError } from '../../packages/cli/src/expr/expression-error.js';
import { Duration, Groups, Instant, List, type Value } from '../../packages/cli/src/expr/value.js';
import { formatFloat } from '../../packages/cli/src/go/number.js';
import { NotKnownHereError } from '../../packages/cli/src/not-known-here.js';
import { expressionOf } from '../support/expressions.js';
import { areOriginalsMissing, judgementsOf, type Question } from '../support/language-judge.js';
import { type Random, randomOf } from '../support/random.js';

const SEED = Number(process.env.COALMINE_SEED ?? 15);
const CASES = Number(process.env.COALMINE_CASES ?? 6000);

const RESULTS: readonly (readonly number[])[] = [
  [],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [0],
  [0.99],
  [1],
  [0.5, 2],
  [3, 1, 2, Number.NaN],
  [0.1, 0.2, 0.3, 1e21],
];

type ExpressionQuestion = Extract<Question, { language: 'expr' }>;

describe('conditions', () => {
  it.skipIf(areOriginalsMissing)('have the value that expr-lang gives them, and the same refusals', () => {
    const random = randomOf(SEED);
    const questions = Array.from({ length: CASES }, () => questionOf(random));
    const originals = judgementsOf(questions);
    const ours = questions.map(answerTo);
    const told = questions.flatMap((question, i) => {
      const [our, original] = [ours[i], originals[i]];
      const isSame =
        our?.kind === 'unknown' ||
        (our?.kind === 'refused' ? original?.error !== undefined : isSameValue(our?.value, original?.value));
      return isSame ? [] : [{ ...question, our, original }];
    });
    expect(told).toEqual([]);
    const share = (kind: string): number => ours.filter((our) => our.kind === kind).length / CASES;
    expect(share('unknown')).toBeLessThan(0.03);
    expect(share('value')).toBeGreaterThan(0.3);
  });

  it('end with a value or a sentence, whatever is in them', () => {
    const random = randomOf(SEED + 1);
    for (let i = 0; i < 4000; i++) {
      const source = random.chance(0.5) ? wordsOf(random) : expressionOf(random);
      expect(['value', 'refused', 'unknown'], source).toContain(answerTo({ ...questionOf(random), source }).kind);
    }
  });

  it.each([
    ['that loop within loops', `count(1..999, ${'count(1..999, '.repeat(4)}# > 0${') > 0'.repeat(4)})`],
    ['that are nested', `${'('.repeat(50_000)}1${')'.repeat(50_000)}`],
    ['that are negated', `${'!'.repeat(9_000)}true`],
    ['that are long', Array.from({ length: 4_000 }, () => '1').join(' + ')],
    ['with a large range', 'sum(1..100000000000)'],
    ['with a large text', 'repeat(repeat("ab", 900000), 900000)'],
    ['with an expression that backtracks', `"${'a'.repeat(40)}!" matches "^(a+)+$"`],
  ])('%s end in time', (_, source) => {
    const startedAt = performance.now();
    answerTo({ language: 'expr', source, result: [1], isScalar: false });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });
});

interface Answer {
  readonly kind: 'value' | 'refused' | 'unknown';
  readonly value?: string;
  readonly message?: string;
}

function questionOf(random: Random): ExpressionQuestion {
  const isScalar = random.chance(0.1);
  const result = isScalar ? [random.pick([0.5, Number.NaN, 3])] : random.pick(RESULTS);
  return { language: 'expr', source: expressionOf(random), result, isScalar };
}

function answerTo({ source, result, isScalar }: ExpressionQuestion): Answer {
  try {
    return { kind: 'value', value: spelled(createEvaluation(source)(isScalar ? (result[0] ?? 0) : result)) };
  } catch (error) {
    if (error instanceof NotKnownHereError) return { kind: 'unknown', message: error.message };
    if (!(error instanceof ExpressionError)) throw new Error(`${source}: ${String(error)}`, { cause: error });
    return { kind: 'refused', message: error.message };
  }
}

/** Returns whether two values are equal, except for the last digits of floats, because each language computes powers differently. */
function isSameValue(our: string | undefined, original: string | undefined): boolean {
  const rounded = (text = ''): string =>
    text.replace(/~[-+.\de]+/g, (float) => `~${Number(float.slice(1)).toPrecision(13)}`);
  return our === original || rounded(our) === rounded(original);
}

/** Tokens of the language in any order. */
function wordsOf(random: Random): string {
  const words =
    'result len( map( filter( reduce( let x = ; # #acc #index .. [ ] { } ( ) ? : ?? ?. . , | + - * / % ** in not matches "a" \'b\' `c` 1 2.5 0x 1e true nil if else && || ! == < \u00e4 \\ @ // /* */'.split(
      ' ',
    );
  return Array.from({ length: 1 + random.below(14) }, () => random.pick(words)).join(random.pick(['', ' ']));
}

/** Returns a value as the originals write it: a float has a tilde before it. */
function spelled(value: Value): string {
  if (value === null) return 'nil';
  if (typeof value === 'number') return `~${formatFloat(value)}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof List) return `[${value.items.map(spelled).join(', ')}]`;
  if (value instanceof Groups) return enclosed(value.entries.map(([key, group]) => [spelled(key), group]));
  if (value instanceof Map) return enclosed([...value].map(([key, each]) => [JSON.stringify(key), each]));
  if (typeof value !== 'object') return String(value);
  return value instanceof Instant ? 'time.Time' : value instanceof Duration ? 'time.Duration' : 'func';
}

function enclosed(entries: readonly (readonly [key: string, value: Value])[]): string {
  const texts = entries.map(([key, value]) => `${key}: ${spelled(value)}`);
  return `{${texts.sort().join(', ')}}`;
}
