import { describe, expect, it } from 'vitest';
import type { Linted } from '../lint/lint.js';
import { renderFindings } from './findings.js';

const LINTED: readonly Linted[] = [
  {
    source: 'a.txt',
    kind: 'exposition',
    findings: [
      { rule: 'no-requests', severity: 'error', line: 1, message: 'There is nothing', repair: 'Count requests.' },
      { rule: 'late-type', severity: 'warning', line: 7, message: 'It is late', repair: 'Write it first.' },
    ],
  },
  { source: '-', kind: 'exposition', findings: [] },
];

describe('findings on the terminal', () => {
  it('stand below their source, each with its place and its repair', () => {
    expect(renderFindings(LINTED, { colour: false })).toMatchInlineSnapshot(`
      "a.txt: 1 error, 1 warning

      a.txt:1 error no-requests
        There is nothing.
        Repair: Count requests.

      a.txt:7 warning late-type
        It is late.
        Repair: Write it first.

      -: nothing found
      "
    `);
  });

  it('have colours where there are colours, and the same words', () => {
    const coloured = renderFindings(LINTED, { colour: true });
    expect(coloured).toContain('\u001B[31merror\u001B[39m');
    expect(coloured).toContain('\u001B[33mwarning\u001B[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour begins with.
    expect(coloured.replace(/\u001B\[\d+m/g, '')).toBe(renderFindings(LINTED, { colour: false }));
  });
});
