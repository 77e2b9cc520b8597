import type { Format } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { type Parsed, parseExposition } from './parse-exposition.js';

const parse = (lines: readonly string[], format: Format = 'text'): Parsed =>
  parseExposition(`${lines.join('\n')}\n`, format);
const found = (...args: Parameters<typeof parse>): readonly string[] =>
  parse(...args).findings.map(({ rule, line }) => `${rule} ${line}`);

describe('an exposition', () => {
  it('has families, with their samples and lines', () => {
    const { families, idle, findings, format } = parse([
      '# a remark',
      '# HELP a of it',
      '# TYPE a counter',
      'a{b="1"} 5',
      '',
      '# TYPE idle gauge',
      '# TYPE c untyped',
      'c 1',
    ]);
    expect(families).toMatchObject([
      { name: 'a', type: 'counter', line: 2, samples: [{ name: 'a', value: 5, line: 4 }] },
      { name: 'c', type: 'unknown', line: 7 },
    ]);
    expect(families[0]?.samples[0]?.labels).toEqual(new Map([['b', '1']]));
    expect([idle, findings, format]).toEqual([['idle'], [], 'text']);
  });

  it.each<[string, readonly string[], readonly string[], Format?]>([
    ['with a type of another format', ['# TYPE a info'], ['syntax 1']],
    ['with a type of OpenMetrics', ['# TYPE a info', '# EOF'], [], 'openmetrics'],
    ['with a type of the text', ['# TYPE a untyped', '# EOF'], ['syntax 1'], 'openmetrics'],
    ['with a unit, which is a remark in text', ['a 1', '# UNIT a seconds'], []],
    ['with a unit after samples', ['a 1', '# UNIT a seconds', '# EOF'], ['late-type 2'], 'openmetrics'],
    ['with a type after samples', ['a 1', '# TYPE a gauge'], ['late-type 2']],
    ['with a type twice', ['# TYPE a gauge', '# TYPE a gauge'], ['late-type 2']],
    ['with a help and a type', ['# HELP a x', '# TYPE a gauge'], []],
    ['with a quoted name', ['# TYPE "a.b" gauge', '{"a.b"} 1'], []],
    ['with a remark like a type', ['#TYPE a x', '# TYPEa x', '# type a x'], []],
    ['with an empty line', ['a 1', ' ', 'b 1'], []],
    ['with an empty line of OpenMetrics', ['a 1', '', '# EOF'], ['syntax 2'], 'openmetrics'],
    ['with a line that is none', ['a'], ['syntax 1']],
    ['with a native histogram', ['a {count:1,sum:2}'], ['native-histogram 1']],
    ['with a bad escape', ['a{b="\\d"} 1'], ['bad-escape 1']],
    ['with samples in two places', ['a 1', 'b 1', 'a{c="1"} 1', 'a{c="2"} 1'], ['split-family 3']],
    ['with samples in three places', ['a 1', 'b 1', 'a{c="1"} 1', 'b{c="1"} 1'], ['split-family 3', 'split-family 4']],
    ['with EOF as a remark', ['# EOF', 'a 1'], []],
    ['with its end', ['a 1', '# EOF'], [], 'openmetrics'],
    ['without its end', ['a 1'], ['end-of-file 1'], 'openmetrics'],
    ['with more after its end', ['# EOF', 'a', 'b'], ['end-of-file 2'], 'openmetrics'],
  ])('%s', (_, lines, rules, format) => {
    expect(found(lines, format)).toEqual(rules);
  });

  it.each<[Format, readonly string[]]>([
    ['text', ['counter', 'gauge', 'histogram', 'summary', 'untyped']],
    ['openmetrics', ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown']],
  ])('of the format %s has the types that it knows', (format, types) => {
    const lines = types.map((type) => `# TYPE of_${type} ${type}`);
    expect(found(format === 'text' ? lines : [...lines, '# EOF'], format)).toEqual([]);
  });

  it('has a name in quotes, if only Prometheus 3 allows it', () => {
    expect(parse(['# TYPE "a.b" gauge', '{"a.b"} 1']).families).toMatchObject([{ name: 'a.b', type: 'gauge' }]);
  });

  it('says how a type is late', () => {
    expect(parse(['a 1', '# TYPE a gauge']).findings[0]?.message).toContain('The # TYPE of a comes after its samples.');
    expect(parse(['# HELP a x', '# HELP a x']).findings[0]?.message).toContain('The # HELP of a is in it twice.');
  });

  it('without a last line feed is cut off, unless it is empty or has its end', () => {
    expect(parseExposition('a 1\nb 1', 'text').findings).toMatchObject([
      { rule: 'end-of-file', line: 2, severity: 'warning' },
    ]);
    expect(parseExposition('', 'text').findings).toEqual([]);
    expect(parseExposition('a 1\n# EOF', 'openmetrics').findings).toEqual([]);
    expect(parseExposition('', 'openmetrics').findings).toMatchObject([{ rule: 'end-of-file', line: 1 }]);
  });

  it('with many lines that are none tells of five, and the first of the others', () => {
    const broken = (count: number) => parse(Array.from({ length: count }, (_, i) => `${i}x`)).findings;
    expect(broken(5)).toHaveLength(5);
    expect(broken(8)).toHaveLength(6);
    expect(broken(8)[5]).toMatchObject({
      line: 6,
      message: expect.stringMatching(/^3 more lines cannot be read, this one first: Line 6 cannot be read: /),
    });
  });
});
