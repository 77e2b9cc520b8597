import { parseNames } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../finding.js';
import { checkNames } from './check-names.js';
import { parseExposition } from './parse-exposition.js';
import { trafficIn } from './traffic.js';

const NAMES = parseNames(undefined);
const found = (text: string, isForFlagger = false): readonly Finding[] =>
  checkNames(trafficIn(parseExposition(text, 'text'), NAMES), { names: NAMES, isForFlagger });
const rulesOf = (...args: Parameters<typeof found>) => found(...args).map(({ rule }) => rule);

const LABELS = 'method="GET",route="/",status_code="200"';
const counter = (name: string, labels = LABELS): string => `# TYPE ${name} counter\n${name}{${labels}} 1\n`;
const histogram = (labels = LABELS, name = 'http_request_duration_seconds'): string =>
  `# TYPE ${name} histogram\n${name}_bucket{${labels},le="+Inf"} 1\n${name}_count{${labels}} 1\n`;
const SUMMARY = `# TYPE http_request_duration_seconds summary\nhttp_request_duration_seconds_count{${LABELS}} 1\n`;
const REQUESTS = counter('http_requests_total');

describe('an exposition', () => {
  it.each<[string, string, readonly string[]]>([
    ['with requests and durations', REQUESTS + histogram(), []],
    ['with requests and slow ones', REQUESTS + counter('http_requests_slow_total'), []],
    ['with requests and a summary', REQUESTS + SUMMARY, []],
    ['without anything', '', ['no-requests']],
    ['with errors alone', counter('http_errors_total'), ['errors-without-requests', 'no-requests']],
    ['with errors and durations', counter('http_errors_total') + histogram(), ['no-request-counter']],
    ['with requests alone', REQUESTS, ['no-duration-histogram']],
    ['with durations alone', histogram(), ['no-request-counter']],
    [
      'without the status',
      counter('http_requests_total', 'method="GET",route="/"') + histogram(),
      ['missing-status-label'],
    ],
    [
      'without the route',
      counter('http_requests_total', 'method="GET",status_code="200"') + histogram(),
      ['missing-route-label'],
    ],
  ])('%s', (_, text, rules) => {
    expect(rulesOf(text)).toEqual(rules);
  });

  it('has its labels told if one is missing', () => {
    expect(found(counter('http_requests_total', 'a="1",b="2"') + histogram())[0]?.message).toContain('(it has a, b)');
    expect(found(`# TYPE http_requests_total counter\nhttp_requests_total 1\n${histogram()}`)[0]?.message).toContain(
      '(it has none at all)',
    );
  });
});

describe('a name', () => {
  it.each<[string, string, string]>([
    ['of requests', counter('shop_requests_total') + histogram(), 'shop_requests_total for http_requests_total'],
    [
      'of durations',
      REQUESTS + histogram(LABELS, 'http_requests_seconds'),
      'http_requests_seconds for http_request_duration_seconds',
    ],
    [
      'of labels',
      counter('http_requests_total', 'verb="GET",path="/",code="200"') + histogram(),
      'verb for method, path for route, code for status_code',
    ],
  ])('%s is not the expected one', (_, text, list) => {
    expect(found(text)).toMatchObject([{ rule: 'unexpected-name', line: 1 }]);
    expect(found(text)[0]?.message).toContain(`The exposition has ${list}.`);
  });

  it('is told at the line of the counter', () => {
    expect(found(histogram() + counter('shop_requests_total'))).toMatchObject([{ rule: 'unexpected-name', line: 4 }]);
  });

  it('is told at the line of the durations if there is no counter', () => {
    expect(found(`${histogram(LABELS, 'http_requests_seconds')}`)).toMatchObject([
      { rule: 'no-request-counter' },
      { rule: 'unexpected-name', line: 1 },
    ]);
  });
});

describe('the checks of Flagger', () => {
  const forFlagger = (text: string) => found(text, true).find(({ rule }) => rule === 'flagger-label');
  const WITH_STATUS = 'method="GET",route="/",status="200"';

  it('need a histogram with a label for the status', () => {
    expect(forFlagger(histogram(WITH_STATUS))).toBeUndefined();
    expect(forFlagger(REQUESTS + histogram())).toMatchObject({ line: 3 });
    expect(forFlagger(histogram())?.message).toContain('has no label status');
    expect(forFlagger(REQUESTS)).toMatchObject({ line: 1 });
    expect(forFlagger('')).toMatchObject({ line: 1 });
    expect(forFlagger(histogram(WITH_STATUS, 'http_requests_seconds'))?.message).toContain('There is no histogram');
  });

  it('are nobody’s concern without Flagger', () => {
    expect(rulesOf(REQUESTS + histogram())).toEqual([]);
  });
});
