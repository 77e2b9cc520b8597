import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.js';
import { type IgnoreEntry, suppressByComments, suppressByList } from './suppress.js';

const finding = (line: number, rule = 'short-window'): Finding => ({
  rule,
  severity: 'error',
  message: 'a message',
  repair: 'a repair',
  line,
});

/** Returns the rules and lines that count, and those that comments suppress. */
function split(text: string, findings: readonly Finding[], kind = 'AnalysisTemplate') {
  const { findings: kept, suppressed } = suppressByComments({ source: 'a', kind, text, findings });
  const told = ({ rule, line }: Finding): string => `${line} ${rule}`;
  return [kept.map(told), suppressed.map((each) => `${told(each)}: ${each.reason}`)];
}

describe('a comment that suppresses a finding', () => {
  it.each<[what: string, text: string, line: number]>([
    ['above it', '# coalmine-ignore short-window: why\na: 1', 2],
    ['on its line', 'a: 1 # coalmine-ignore short-window: why', 1],
    ['on its own line', '# coalmine-ignore short-window: why', 1],
    ['above another comment', '# coalmine-ignore short-window: why\n  # coalmine-ignore x: y\na: 1', 3],
    ['with Windows line ends', '# coalmine-ignore short-window: why\r\na: 1\r\n', 2],
    ['without a colon', 'a: 1 #coalmine-ignore short-window why', 1],
    ['above a block', '# coalmine-ignore short-window: why\nquery: |\n  b\n\n  c\nd: 1', 5],
    ['above a block of a list', '# coalmine-ignore short-window: why\n- >-\n  b', 3],
    ['on the line of a block', 'query: |2- # coalmine-ignore short-window: why\n    b', 2],
    ['above a block at the end', '# coalmine-ignore short-window: why\nquery: |\n  b', 3],
  ])('stands %s', (_what, text, line) => {
    const [, suppressed] = split(text, [finding(line)]);
    expect(suppressed).toEqual([`${line} short-window: why`]);
  });

  it.each<[what: string, text: string, line: number]>([
    ['is below it', 'a: 1\n# coalmine-ignore short-window: why', 1],
    ['is two lines above', '# coalmine-ignore short-window: why\na: 1\nb: 2', 3],
    ['is above a block that has ended', '# coalmine-ignore short-window: why\nquery: |\n  b\nd: 1', 4],
    ['is part of a word', 'a: x#coalmine-ignore short-window: why', 1],
    ['names a longer word', 'a: 1 # coalmine-ignored short-window: why', 1],
  ])('does not count if it %s', (_what, text, line) => {
    const [kept, suppressed] = split(text, [finding(line)]);
    expect(suppressed).toEqual([]);
    expect(kept).toContain(`${line} short-window`);
  });

  it('is itself a finding if it says too little, or suppresses nothing', () => {
    const text = ['# coalmine-ignore', '# coalmine-ignore short-window:', '# coalmine-ignore no-such: why', 'a: 1'];
    expect(split(text.join('\n'), [finding(4)])[0]).toEqual([
      '1 ignore-without-reason',
      '2 ignore-without-reason',
      '3 ignore-unknown-rule',
      '4 short-window',
    ]);
    expect(split('a: 1 # coalmine-ignore short-window: why', [])[0]).toEqual(['1 ignore-unused']);
  });

  it('suppresses each finding of its rule in its lines', () => {
    const text = 'a: 1 # coalmine-ignore short-window: why';
    expect(split(text, [finding(1), finding(1), finding(1, 'yaml-syntax')])).toEqual([
      ['1 yaml-syntax'],
      ['1 short-window: why', '1 short-window: why'],
    ]);
  });

  it('in an exposition is a whole line, because a label may contain anything', () => {
    const comment = 'coalmine-ignore short-window: why';
    expect(split(`x{a=" # ${comment}"} 1`, [finding(1)], 'exposition')).toEqual([['1 short-window'], []]);
    expect(split(`# ${comment}\nx 1`, [finding(2)], 'exposition')[1]).toEqual(['2 short-window: why']);
  });
});

describe('a list that suppresses findings', () => {
  const entry = (rule: string, file?: string, line = 1): IgnoreEntry => ({
    rule,
    reason: 'why',
    line,
    ...(file === undefined ? {} : { file }),
  });

  /** Returns the sources in which findings are left, and the problems of the entries. */
  function splitByList(entries: readonly IgnoreEntry[], ...names: readonly string[]) {
    const sources = names.map((source) => ({
      source,
      kind: 'template',
      text: '',
      findings: [finding(1)],
      suppressed: [],
    }));
    const { sources: kept, problems } = suppressByList(sources, { source: 'coalmine.yaml', entries });
    return [
      kept.flatMap(({ source, findings }) => (findings.length === 0 ? [] : [source])),
      problems.map(({ rule, line }) => `${line} ${rule}`),
    ];
  }

  it.each<[file: string | undefined, left: string[]]>([
    [undefined, []],
    ['a.yaml', ['d/b.yaml', 'd/e/[x].yaml']],
    ['./a.yaml', ['d/b.yaml', 'd/e/[x].yaml']],
    ['d/*.yaml', ['./a.yaml', 'd/e/[x].yaml']],
    ['d/**', ['./a.yaml']],
    // A name as it is on the command line, although it is a pattern as well.
    ['d/e/[x].yaml', ['./a.yaml', 'd/b.yaml']],
  ])('for the file %s leaves %j', (file, left) => {
    expect(splitByList([entry('short-window', file)], './a.yaml', 'd/b.yaml', 'd/e/[x].yaml')).toEqual([left, []]);
  });

  it('has problems if a rule does not exist, or finds nothing in its files', () => {
    const entries = [
      entry('no-such', undefined, 3),
      entry('yaml-syntax', 'a.yaml', 4),
      entry('yaml-syntax', 'b.yaml', 5),
    ];
    // Nothing is said of files that this run does not lint.
    expect(splitByList(entries, 'a.yaml')).toEqual([['a.yaml'], ['3 ignore-unknown-rule', '4 ignore-unused']]);
  });
});
