import type { Format } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { readSampleLine, unquote } from './sample-line.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Returns the name, the labels and the value of a line, or the reason why it cannot be read. */
function read(line: string, format: Format = 'text'): unknown {
  const sample = readSampleLine(line, format);
  if ('error' in sample) return sample.error;
  return [sample.name, Object.fromEntries(sample.labels), sample.value];
}

describe('a line with a value', () => {
  it.each<[line: string, name: string, labels: object, value: number]>([
    ['x 1', 'x', {}, 1],
    ['  x\t1  ', 'x', {}, 1],
    [':a_b:9 +Inf', ':a_b:9', {}, inf],
    ['x NaN', 'x', {}, nan],
    ['x -.5e-3', 'x', {}, -0.0005],
    ['x{} 1', 'x', {}, 1],
    ['x { } 1', 'x', {}, 1],
    ['x{a="",b="}\\" # \\\\"}2', 'x', { a: '', b: '}" # \\' }, 2],
    ['x{ a = "1" , b="2", } 1', 'x', { a: '1', b: '2' }, 1],
    ['x{a="two\\nlines"} 1', 'x', { a: 'two\nlines' }, 1],
    ['x{"a.b"="1"} 1', 'x', { 'a.b': '1' }, 1],
    ['{"http.requests",a="1"} 1', 'http.requests', { a: '1' }, 1],
    ['{a="1","http.requests"} 1', 'http.requests', { a: '1' }, 1],
    ['x{__proto__="1"} 1', 'x', Object.fromEntries([['__proto__', '1']]), 1],
    ['x 1 -5', 'x', {}, 1],
  ])('%j is %s %j %d', (line, name, labels, value) => {
    expect(read(line)).toEqual([name, labels, value]);
  });

  it.each<[line: string, error: string]>([
    ['', 'it begins with "", which is not a metric name'],
    ['1x 1', 'it begins with "1x 1", which is not a metric name'],
    ['{a="1"} 1', 'it has no metric name'],
    ['{"",a="1"} 1', 'its name is empty'],
    ['x{"y"} 1', 'it has two names, x and y'],
    ['x', 'its value is "", which is not a number'],
    ['x one', 'its value is "one", which is not a number'],
    ['x 1_000', 'its value is "1_000", which is not a number'],
    ['x 0x10', 'its value is "0x10", which is not a number'],
    ['x{a} 1', 'the label a has no value'],
    ["x{a='1'} 1", 'the value of the label a is not in closed double quotes'],
    ['x{a="1} 1', 'the value of the label a is not in closed double quotes'],
    ['x{a="1",a="2"} 1', 'it has the label a twice'],
    ['x{a="1" b="2"} 1', 'after the label a a comma or } is expected'],
    ['x{a="1"', 'after the label a a comma or } is expected'],
    ['x{,} 1', 'after "x{" a label name is expected'],
    ['x{a="1",,} 1', 'after "x{a=\\"1\\"," a label name is expected'],
    ['x{a.b="1"} 1', 'the label a has no value'],
    ['x 1 2.5', 'after its value comes "2.5", which is not a timestamp'],
    ['x 1 2 3', 'after its value comes "3"; only OpenMetrics has exemplars'],
    ['x 1 # {} 1', 'after its value comes "# {} 1"; only OpenMetrics has exemplars'],
  ])('%j cannot be read: %s', (line, error) => {
    expect(read(line)).toBe(error);
  });

  it('of a native histogram is told apart', () => {
    expect(readSampleLine('x {count:1,sum:2}', 'text')).toMatchObject({ isNative: true });
    expect(readSampleLine('x{a="1"} {schema:3}', 'text')).not.toHaveProperty('name');
  });

  it.each<[end: string, isRead: boolean]>([
    [' 1.5', true],
    [' later', false],
    [' # {} 1', true],
    [' 1.5 # {trace_id="a\\"b"} 1 2', true],
    [' # {"trace.id"="a",b="c"} NaN', true],
    [' # {a="1",} 1', false],
    [' # {a="1" b="2"} 1', false],
    [' # {a="1"}', false],
    [' # {a="1"} one', false],
    [' # {a="1"} 1 2 3', false],
    [' #{a="1"} 1', false],
  ])('may end with %j in OpenMetrics: %s', (end, isRead) => {
    expect(Array.isArray(read(`x 1${end}`, 'openmetrics'))).toBe(isRead);
  });
});

describe('a text in quotes', () => {
  it('keeps escapes that are not valid, and reports them', () => {
    const bad: string[] = [];
    expect(unquote('"\\a\\\\n\\"\\n\\d"', bad)).toBe('\\a\\n"\n\\d');
    expect(bad).toEqual(['\\a', '\\d']);
    expect(unquote('""')).toBe('');
    const sample = readSampleLine('x{a="\\d",b="\\w"} 1', 'text');
    expect(sample).toMatchObject({ badEscapes: ['\\d', '\\w'] });
  });
});
