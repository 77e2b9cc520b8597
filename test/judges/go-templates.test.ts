import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../packages/cli/src/controllers/flagger/go-template.js';
import { TemplateError } from '../../packages/cli/src/controllers/flagger/template-error.js';
import { NotKnownHereError } from '../../packages/cli/src/not-known-here.js';
import { goTemplateOf } from '../support/go-templates.js';
import { areOriginalsMissing, judgementsOf } from '../support/language-judge.js';
import { type Random, randomOf } from '../support/random.js';

const SEED = Number(process.env.COALMINE_SEED ?? 15);
const CASES = Number(process.env.COALMINE_CASES ?? 6000);

const MODEL = {
  name: 'shop',
  namespace: 'prod',
  target: 'shop-web',
  service: 'shop.svc',
  ingress: 'shop & co',
  route: '',
  interval: '1m',
  variables: { low: '3', high: '<10>', 'a-b': 'dashed' },
} as const;

describe('queries of Flagger', () => {
  it.skipIf(areOriginalsMissing)('are rendered as text/template renders them, with the same refusals', () => {
    const random = randomOf(SEED);
    const sources = Array.from({ length: CASES }, () => goTemplateOf(random));
    const originals = judgementsOf(sources.map((source) => ({ language: 'template', source, model: MODEL })));
    const ours = sources.map(answerTo);
    const told = sources.flatMap((source, i) => {
      const [our, original] = [ours[i], originals[i]];
      const isSame =
        our?.kind === 'unknown' ||
        (our?.kind === 'refused' ? original?.error !== undefined : our?.value === original?.value);
      return isSame ? [] : [{ source, our, original }];
    });
    expect(told).toEqual([]);
    const share = (kind: string): number => ours.filter((our) => our.kind === kind).length / CASES;
    expect(share('unknown')).toBeLessThan(0.1);
    expect(share('value')).toBeGreaterThan(0.3);
  });

  it('end with a text or a sentence, whatever is in them', () => {
    const random = randomOf(SEED + 1);
    for (let i = 0; i < 4000; i++) {
      const source = random.chance(0.5) ? wordsOf(random) : goTemplateOf(random);
      expect(['value', 'refused', 'unknown'], source).toContain(answerTo(source).kind);
    }
  });

  it.each([
    ['that loop too often', '{{ range 1000000000 }}x{{ end }}'],
    ['that loop within loops', `${'{{ range 999 }}'.repeat(5)}${'{{ end }}'.repeat(5)}`],
    ['that are nested', `{{ ${'('.repeat(50_000)}name${')'.repeat(50_000)} }}`],
    ['that print very wide fields', '{{ printf "%999999999s" name }}'],
  ])('%s end without a text', (_, source) => {
    expect(answerTo(source).kind).not.toBe('value');
  });
});

interface Answer {
  readonly kind: 'value' | 'refused' | 'unknown';
  readonly value?: string;
  readonly message?: string;
}

function answerTo(source: string): Answer {
  try {
    return { kind: 'value', value: renderTemplate(source, MODEL) };
  } catch (error) {
    if (error instanceof NotKnownHereError) return { kind: 'unknown', message: error.message };
    if (!(error instanceof TemplateError)) throw new Error(`${source}: ${String(error)}`, { cause: error });
    return { kind: 'refused', message: error.message };
  }
}

/** Tokens of the language in any order. */
function wordsOf(random: Random): string {
  const words =
    '{{ {{- }} -}} if else end range with break define block $x := = , . .a name variables printf "a" `b` | ( ) 1 -2 0x \'c\' nil true and eq len /* */ \u00e4 \\ text'.split(
      ' ',
    );
  return Array.from({ length: 1 + random.below(14) }, () => random.pick(words)).join(random.pick(['', ' ']));
}
