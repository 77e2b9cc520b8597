import { describe, expect, it } from 'vitest';
import type { Finding } from '../lint/finding.js';
import type { LintResult } from '../lint/lint.js';
import { renderGithub } from './github.js';

const finding = (more: Partial<Finding> = {}): Finding => ({
  rule: 'late-type',
  severity: 'warning',
  line: 7,
  message: 'It is late',
  repair: 'write it first',
  ...more,
});

function linted(source: string, findings: readonly Finding[], more: Partial<LintResult['sources'][number]> = {}) {
  return { source, kind: 'template' as const, text: '', findings, suppressed: [], ...more };
}

/** Returns the lines for one source. */
const linesOf = (...sources: LintResult['sources']): readonly string[] =>
  renderGithub({ sources, passedOver: [] }).trimEnd().split('\n');

describe('a finding in a workflow of GitHub', () => {
  it('is shown at its line, by its severity', () => {
    const findings = [finding(), finding({ severity: 'error' }), finding({ severity: 'note' })];
    expect(linesOf(linted('./deploy/a.yaml', findings))).toEqual([
      '::warning file=deploy/a.yaml,line=7,title=late-type::It is late. Repair: write it first',
      '::error file=deploy/a.yaml,line=7,title=late-type::It is late. Repair: write it first',
      '::notice file=deploy/a.yaml,line=7,title=late-type::It is late. Repair: write it first',
      'coalmine lint: 1 error, 1 warning, 1 note',
    ]);
  });

  it('names its place in its text if it is not in a file of the repository', () => {
    expect(linesOf(linted('http://shop/metrics', [finding()]))[0]).toBe(
      '::warning title=late-type::http://shop/metrics:7: It is late. Repair: write it first',
    );
  });

  it('cannot end early, or begin a command of its own', () => {
    const [command, ...rest] = linesOf(
      linted('a,b:c%.yaml', [finding({ message: 'a\n::error::b\r100%', repair: 'none' })]),
    );
    expect(command).toBe(
      '::warning file=a%2Cb%3Ac%25.yaml,line=7,title=late-type::a%0A::error::b\\u{d}100%25. Repair: none',
    );
    expect(rest).toEqual(['coalmine lint: 1 warning']);
  });
});

it('the log says what was suppressed and what was passed over, and none of it is a command', () => {
  const suppressed = [{ ...finding(), reason: 'known\n##[error]a', by: 'config' as const }];
  const text = renderGithub({
    sources: [linted('a.yaml', [], { suppressed })],
    passedOver: [{ source: 'b.md', reason: 'is not a .yaml, .yml or .json file' }],
  });
  expect(text).toMatch(/^suppressed a\.yaml:7 late-type: known ## \[error\]a\n/);
  expect(text).toContain('b.md');
});
