import { parseRelease, questionsOf, type ReleaseOptions } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { isPrometheusMissing, promtoolTestQueries } from '../support/prometheus.js';
import { CASES, SIDES } from './question-cases.js';

const NONE: readonly number[] = [];

/** The names that an app can give its series, and a function that writes the series of the cases with these names. */
interface Naming {
  readonly called: string;
  readonly options: Pick<ReleaseOptions, 'names'>;
  readonly spelt: readonly (readonly [ours: RegExp, theirs: string])[];
}

const NAMINGS: readonly Naming[] = [
  { called: 'our names', options: {}, spelt: [] },
  {
    called: 'the names of OpenTelemetry',
    options: { names: 'otel' },
    spelt: [
      [/^http_requests_total/, 'http_server_requests_total'],
      [/^http_requests_(timed|slow|failed)_total/, 'http_server_$1_requests_total'],
      [/^http_requests_overdue/, 'http_server_overdue_requests'],
      [/\bmethod="/, 'http_request_method="'],
      [/\broute="/, 'http_route="'],
      [/\bstatus_code="(5\d\d)"/, 'http_response_status_code="$1",error_type="$1"'],
      [/\bstatus_code="/, 'http_response_status_code="'],
    ],
  },
];

describe.skipIf(isPrometheusMissing).each(NAMINGS)('the queries of a release in promtool, with $called', (naming) => {
  it.each(CASES)(
    'return the expected results for $what',
    async ({ what, series: ours, options, at = '10m', answers }) => {
      const questions = questionsOf(parseRelease({ name: 'shop', ...naming.options, ...options }), SIDES);
      const series = ours.map(({ series: selector, values }) => ({
        series: naming.spelt.reduce((text, [from, to]) => text.replace(from, to), selector),
        values,
      }));
      if (answers !== 'none') {
        const names = questions.map(({ name }) => name);
        expect(Object.keys(answers).filter((name) => !names.includes(name))).toEqual([]);
      }
      const queries = questions.map(({ name, query }) => ({
        // Rounds to thousandths, because promtool compares every digit.
        query: `round(${query}, 0.001)`,
        at,
        answers: answers === 'none' ? NONE : [Math.round((answers[name] ?? 0) * 1000) / 1000],
      }));
      expect(await promtoolTestQueries([{ name: what, series, queries }])).toEqual({
        status: 0,
        said: expect.stringContaining('SUCCESS'),
      });
    },
  );
});

describe.skipIf(isPrometheusMissing)('promtool', () => {
  it('would fail if a query returned anything else', async () => {
    const queries = [{ query: 'vector(1)', at: '10m', answers: [2] }];
    expect((await promtoolTestQueries([{ name: 'wrong', series: [], queries }])).status).not.toBe(0);
  });
});
