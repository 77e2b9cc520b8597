import { describe, expect, it } from 'vitest';
import { questionsOf } from '../queries/queries.js';
import { parseRelease } from '../release/release.js';
import { lookAt, meaningOf } from './meaning.js';

const release = parseRelease({ name: 'shop', schema: true, analysis: { slowerThanStable: 2 } });
const asked = questionsOf(release, { canary: 'pod="a"', stable: 'pod="b"', weight: '5' });

describe('every metric of the generated templates', () => {
  it.each(asked.map(({ name }) => name))('%s has a meaning, and something to look at', (name) => {
    expect(meaningOf(name, 1)).toBeTypeOf('string');
    expect(meaningOf(name, undefined)).toContain('the query returned nothing');
    expect(lookAt(name, false)).toBeTypeOf('string');
  });
});

it('meaningOf() puts the codes of instrumentation into words', () => {
  expect(meaningOf('instrumentation', 16 + 2)).toBe(
    'app and templates differ: http_requests_failed_total or one of its labels is missing; the objective of the app differs from the objective of the templates',
  );
});

it('a metric of another template has no meaning', () => {
  expect(meaningOf('my-ratio', 1)).toBeUndefined();
  expect(lookAt('my-ratio', false)).toBeUndefined();
});
