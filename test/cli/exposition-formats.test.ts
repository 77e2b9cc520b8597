import { spawnSync } from 'node:child_process';
import { lintExposition } from '@coalmine/cli';
import { CONTENT_TYPES, createMetrics, type Format } from '@coalmine/metrics';
import { array, assert, asyncProperty, constantFrom, double, letrec, oneof, property, string, tuple } from 'fast-check';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { isPrometheusMissing } from '../support/prometheus.js';
import { rendered } from '../support/rendered.js';

const FORMAT_RULES: readonly string[] = [
  'syntax',
  'bad-escape',
  'late-type',
  'split-family',
  'duplicate-series',
  'end-of-file',
  'content-type',
  'counter-without-total',
  'negative-counter',
  'bound-not-number',
  'bucket-without-inf',
  'buckets-not-cumulative',
  'count-differs',
  'native-histogram',
];

const formatFindings = (text: string, format?: Format): readonly string[] =>
  lintExposition(text, format === undefined ? {} : { contentType: CONTENT_TYPES[format] })
    .filter(({ rule }) => FORMAT_RULES.includes(rule))
    .map(({ rule, message }) => `${rule}: ${message}`);

/** A text of the parts of an exposition, in any order. */
const { nearly } = letrec(() => ({
  nearly: array(
    oneof(
      constantFrom(
        'http_requests_total',
        '{',
        '}',
        'le="',
        '"',
        '\\',
        '\n',
        ' ',
        '=',
        ',',
        '# TYPE ',
        ' counter',
        '# EOF',
      ),
      constantFrom(
        '# HELP ',
        '# UNIT ',
        'a_bucket',
        ' histogram',
        '1',
        'NaN',
        '+Inf',
        ' # {',
        '1e400',
        '__proto__',
        '\r',
      ),
      string({ unit: 'binary', maxLength: 4 }),
    ),
  ).map((pieces) => pieces.join('')),
}));

describe('any text', () => {
  it('is linted without an error being thrown', () => {
    const types = constantFrom(undefined, CONTENT_TYPES.text, CONTENT_TYPES.openmetrics, 'application/json', '');
    assert(
      property(oneof(nearly, string({ unit: 'binary' })), nearly, types, (text, before, contentType) => {
        const findings = lintExposition(text, { before, ...(contentType === undefined ? {} : { contentType }) });
        for (const { line } of findings) expect(line).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe.each<Format>(['text', 'openmetrics'])('what Coalmine writes as %s', (format) => {
  it('is valid, whatever routes, labels and values there are', async () => {
    const text = string({ unit: 'binary', maxLength: 12 });
    const series = array(tuple(text, text, double({ min: 0, max: 1e9, noNaN: true })), { minLength: 1, maxLength: 8 });
    await assert(
      asyncProperty(series, text, async (rows, help) => {
        expect(formatFindings(await renderedWith(rows, help, format), format)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

/** Returns a registry with Coalmine's metrics and a user's metrics of every type, after some requests. */
function renderedWith(
  rows: readonly (readonly [string, string, number])[],
  help: string,
  format: Format,
): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['a', 'b'];
  const metrics = createMetrics({ registry });
  const counter = new Counter({ name: 'jobs_total', help: help || 'Jobs', labelNames, registers });
  const gauge = new Gauge({ name: 'depth', help: help || 'Depth', labelNames, registers });
  const histogram = new Histogram({ name: 'wait_seconds', help: help || 'Waits', labelNames, registers });
  const summary = new Summary({ name: 'size_bytes', help: help || 'Sizes', labelNames, registers });
  for (const [a, b, value] of rows) {
    metrics.record(metrics.route('GET', a), 200, value);
    counter.inc({ a, b }, value);
    gauge.set({ a, b }, value - 1);
    histogram.observe({ a, b }, value);
    summary.observe({ a, b }, value);
  }
  return rendered(registry, format);
}

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing)('promtool', () => {
  const HISTOGRAM = '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n';
  it.each<[text: string, isRefused: boolean]>([
    ['# TYPE a counter\na_total 1\n# TYPE a counter\na_total{x="1"} 2\n', true],
    ['a 1\n# TYPE a gauge\na{x="1"} 2\n', true],
    ['# HELP a x\n# HELP a y\na 1\n', true],
    ['a{x="\\q"} 1\n', true],
    ['a 1', true],
    ['a 1\r\n', true],
    ['a{x="1"} 1 # {t="1"} 1\n', true],
    ['a{x="1",x="2"} 1\n', true],
    ['a{1x="1"} 1\n', true],
    ['a{x=1} 1\n', true],
    ['a{x="1"\n', true],
    ['a{x="1" y="2"} 1\n', true],
    ['a one\n', true],
    ['a\n', true],
    ['a 1 1.5\n', true],
    ['a 1 1 1\n', true],
    ['9a 1\n', true],
    ['# TYPE a foo\na 1\n', true],
    [HISTOGRAM.replace('+Inf', 'x'), true],
    [HISTOGRAM, false],
    ['a{x="1" ,} 1\n', false],
    [' a \t {x = "1"}   1   1700000000000\n', false],
    ['a{} 1\n', false],
    ['a{x="{\\"}#\\n\\\\"} -1.5e3\n', false],
    ['\n# a remark\n#\n\na NaN\n', false],
    ['a +Inf\nb -inf\nc .5\nd 5.\n', false],
  ])('agrees with the linter about %j', (text, isRefused) => {
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    // promtool exits with 3 if it has only advice on style.
    expect({ status, stderr, isRefused: status === 1 }).toMatchObject({ isRefused });
    expect({ findings: formatFindings(text), isRefused }).toEqual({
      findings: isRefused ? expect.arrayContaining([expect.any(String)]) : [],
      isRefused,
    });
  });
});
