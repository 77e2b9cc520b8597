import { describe, expect, it } from 'vitest';
import type { LintResult } from '../lint/lint.js';
import { renderFindings } from './findings.js';

const LINTED: LintResult = {
  sources: [
    {
      source: 'a.txt',
      kind: 'exposition',
      text: 'up 1\n\n\n\n\n\n  # TYPE up gauge\n',
      findings: [
        { rule: 'no-requests', severity: 'error', line: 1, message: 'There is nothing', repair: 'Count requests.' },
        { rule: 'late-type', severity: 'warning', line: 7, message: 'It is late', repair: 'Write it first.' },
        { rule: 'not-linted', severity: 'note', line: 2, message: 'It is not looked at', repair: 'Leave it out.' },
      ],
      suppressed: [
        {
          rule: 'end-of-file',
          severity: 'warning',
          line: 7,
          message: 'It does not end',
          repair: 'End it.',
          reason: 'cut by hand',
          by: 'config',
        },
      ],
    },
    { source: '-', kind: 'exposition', text: '', findings: [], suppressed: [] },
  ],
  passedOver: [
    { source: 'deploy/README.md', reason: 'is not a .yaml, .yml or .json file' },
    { source: 'deploy/values.yaml', reason: 'has no Kubernetes object' },
  ],
};

describe('findings on the terminal', () => {
  it('are listed below their source, each with its place and its repair', () => {
    expect(renderFindings(LINTED, { colour: false })).toMatchInlineSnapshot(`
      "a.txt: 1 error, 1 warning, 1 note, 1 suppressed

      a.txt:1 error no-requests
        1 | up 1
        There is nothing.
        Repair: Count requests.

      a.txt:7 warning late-type
        7 | # TYPE up gauge
        It is late.
        Repair: Write it first.

      a.txt:2 note not-linted
        It is not looked at.
        Repair: Leave it out.

      a.txt:7 suppressed end-of-file by the config: cut by hand

      -: nothing found

      Passed over, because it is not a .yaml, .yml or .json file: deploy/README.md

      Passed over, because it has no Kubernetes object: deploy/values.yaml
      "
    `);
  });

  it('are coloured if the terminal has colours, with the same words', () => {
    const coloured = renderFindings(LINTED, { colour: true });
    expect(coloured).toContain('\u001B[31merror\u001B[39m');
    expect(coloured).toContain('\u001B[33mwarning\u001B[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour begins with.
    expect(coloured.replace(/\u001B\[\d+m/g, '')).toBe(renderFindings(LINTED, { colour: false }));
  });

  it('are rendered in linear time', () => {
    const lines = Array.from({ length: 40_000 }, (_, i) => i + 1);
    const findings = lines.map(
      (line) => ({ rule: 'late-type', severity: 'note', line, message: '', repair: '' }) as const,
    );
    const source = { source: 'a', kind: 'exposition', text: lines.join('\n'), findings, suppressed: [] } as const;
    expect(renderFindings({ sources: [source], passedOver: [] }, { colour: false })).toContain('40000 | 40000');
  });
});
