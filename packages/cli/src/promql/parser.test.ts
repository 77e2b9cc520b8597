import { describe, expect, it } from 'vitest';
import { isPromqlError, parsePromql } from './parser.js';
import { selectorsIn } from './promql.js';

function parse(query: string) {
  const parsed = parsePromql(query);
  if (isPromqlError(parsed)) throw new Error(parsed.error);
  return parsed;
}

const NO_WINDOW = 'a window belongs directly after a selector; after anything else, write a subquery: [5m:]';
const TWO_NAMES = 'a selector has one name: write it before the braces or as __name__';
const MOVED = 'offset and @ belong directly after a selector, its window or a subquery, and once each';

describe('a query that is not PromQL', () => {
  it.each<[query: string, error: string, at: number]>([
    ['', 'it ends too early', 0],
    ['   ', 'it ends too early', 3],
    ['sum(', 'it ends too early', 4],
    ['x )', 'unexpected ")"', 2],
    [String.raw`x{a=~"5\d\d"}`, String.raw`\d is not an escape in a quoted text: write \\d`, 7],
    [String.raw`x{a="it\'s"}`, String.raw`\' is not an escape in a quoted text: write \\'`, 7],
    [
      String.raw`label_replace(x, "a", "$1", "b", '10\.(.*)')`,
      String.raw`\. is not an escape in a quoted text: write \\.`,
      36,
    ],
    ['rate(x offset 5m[5m])', NO_WINDOW, 16],
    ['rate(x[5m])[5m]', NO_WINDOW, 11],
    ['rate(sum(x)[5m])', NO_WINDOW, 11],
    ['rate(x[5m]) offset 5m', MOVED, 11],
    ['x offset 5m offset 5m', MOVED, 11],
    ['sum(x) @ 1', MOVED, 6],
    ['x{__name__="y"}', TWO_NAMES, 2],
    ['x{a="1",__name__=~"y.*"}', TWO_NAMES, 8],
    ['{"x",__name__="y"}', TWO_NAMES, 5],
    ['{"x","y"}', TWO_NAMES, 5],
    ['x{"y"}', TWO_NAMES, 2],
    ['http1.foo', 'unexpected ".foo"', 5],
    ['1.2.', 'unexpected "."', 3],
    ['sum(x))) + a very long rest of a query', 'unexpected ")) + a very long res"', 6],
  ])('%j has an error', (query, error, at) => {
    expect(parsePromql(query)).toEqual({ error, at });
  });
});

describe('a query with escapes and offsets', () => {
  it.each([
    String.raw`x{a=~"5\\d\\d",b=~'it\'s "\n\x41\u0041\101'}`,
    'x{a=~`5\\d`}',
    '-x offset 5m',
    'rate(x[5m] offset 5m)',
    'x offset 5m @ 1',
    'max_over_time(x[1h:1m] offset 1d)',
    '{__name__="x",__name__=~"x.*"}',
  ])('%s is PromQL', (query) => {
    expect(isPromqlError(parsePromql(query))).toBe(false);
  });
});

describe('the parts of a query', () => {
  it('have the function of Prometheus 2 that Prometheus 3 renamed', () => {
    expect(parse('1 + holt_winters (x{a="holt_winters("}[1m], 0.3, 0.3)')).toMatchObject({
      right: { kind: 'call', name: 'holt_winters', args: [{ matchers: [{ value: 'holt_winters(' }] }, {}, {}] },
    });
  });

  it('have their positions, parentheses and comments included', () => {
    const query = '# why\nsum by (pod) ((x{a="1"}[5m]))';
    const node = parse(query);
    expect(query.slice(node.from, node.to)).toBe('sum by (pod) ((x{a="1"}[5m]))');
    const [selector] = selectorsIn(node);
    const [matcher] = selector?.matchers ?? [];
    expect(query.slice(matcher?.from, matcher?.to)).toBe('a="1"');
    expect(query.slice(selector?.range?.from, selector?.range?.to)).toContain('5m');
  });

  it.each([
    ['5. * x', 5],
    ['12.e1 * x{a="5."}', 120],
    ['.5 * x', 0.5],
    ['0x1F * x', 31],
    ['1_000 * x', 1000],
  ])('are a number as Prometheus reads it: %s', (query, value) => {
    expect(parse(query)).toMatchObject({ left: { kind: 'number', value } });
  });

  it('are a power whose sign stands before it', () => {
    expect(parse('-2 ^ 2')).toMatchObject({
      kind: 'negative',
      from: 0,
      to: 6,
      of: { kind: 'binary', from: 1, to: 6, left: { kind: 'number', value: 2, from: 1, to: 2 } },
    });
  });

  it.each<[query: string, metric: string, matchers: string[]]>([
    ['x', 'x', []],
    ['{__name__="x"}', 'x', []],
    ['{__name__=~"x.*"}', '', ['__name__=~x.*']],
    ['{"my.metric",a="1"}', 'my.metric', ['a=1']],
    ['x{"my.label"!="1"}', 'x', ['my.label!=1']],
    ["x{a='it\\'s',b=`\\n`,c=\"\\n\"}", 'x', ["a=it's", 'b=\\n', 'c=\n']],
  ])('%s select %s with %j', (query, metric, matchers) => {
    const [selector] = selectorsIn(parse(query));
    expect(selector?.metric).toBe(metric);
    expect(selector?.matchers.map(({ label, operator, value }) => label + operator + value)).toEqual(matchers);
  });

  it.each<[query: string, range: number | undefined, offset: number | undefined]>([
    ['x[1h30m]', 5400, undefined],
    ['x[90]', 90, undefined],
    ['x[500ms]', 0.5, undefined],
    ['x offset 1w', undefined, 604_800],
    ['x[1d] offset -5m', 86_400, -300],
    ['x[5m] offset - 5m', 300, -300],
  ])('%s look at %s s, %s s before', (query, range, offset) => {
    const node = parse(query);
    expect([selectorsIn(node)[0]?.range?.seconds, node.offsetSeconds]).toEqual([range, offset]);
  });

  it.each<[query: string, modifiers: object]>([
    ['a / b', { isBool: false }],
    ['a > bool b', { isBool: true }],
    ['a / on (x, y) b', { matching: { isOn: true, labels: ['x', 'y'], included: [] } }],
    ['a / IGNORING () b', { matching: { isOn: false, labels: [], included: [] } }],
    ['a * on (x) group_left (y) b', { matching: { isOn: true, labels: ['x'], many: 'left', included: ['y'] } }],
    ['a * on (x) group_right b', { matching: { isOn: true, labels: ['x'], many: 'right', included: [] } }],
    ['a AND b', { operator: 'and' }],
    ['SUM WITHOUT (x) (a)', { operator: 'sum', grouping: { isWithout: true, labels: ['x'] } }],
    ['sum(a) by (x, "y.z")', { grouping: { isWithout: false, labels: ['x', 'y.z'] } }],
    ['a @ 100', { isPinned: true }],
    ['a[5m:1m]', { kind: 'subquery', stepSeconds: 60 }],
  ])('%s have modifiers', (query, modifiers) => {
    expect(parse(query)).toMatchObject(modifiers);
  });

  it('are pinned to no fixed time at the start or the end of a query', () => {
    expect(parse('a @ end()')).not.toHaveProperty('isPinned');
  });
});
