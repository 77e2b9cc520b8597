import { describe, expect, it } from 'vitest';
import type { Finding } from '../lint/finding.js';
import type { Linted } from '../lint/lint.js';
import type { Suppressed } from '../lint/suppress.js';
import { renderSarif } from './sarif.js';

const finding = (rest: Partial<Finding> = {}): Finding => ({
  rule: 'late-type',
  severity: 'warning',
  line: 2,
  message: 'It is late',
  repair: 'Write it first.',
  ...rest,
});
const suppressed = (by: Suppressed['by']): Suppressed => ({ ...finding(), rule: 'end-of-file', by, reason: 'cut' });
const source = (rest: Partial<Linted> = {}): Linted => ({
  source: 'deploy/a b.txt',
  kind: 'exposition',
  text: 'up 1\n  # TYPE up gauge\n',
  findings: [],
  suppressed: [],
  ...rest,
});
const runOf = (sources: readonly Linted[], passedOver: readonly { source: string; reason: string }[] = []) =>
  JSON.parse(renderSarif({ sources, passedOver })).runs[0];

describe('findings as SARIF', () => {
  it('are results with their place, their repair and their line', () => {
    expect(runOf([source({ findings: [finding()] })]).results).toEqual([
      {
        ruleId: 'late-type',
        ruleIndex: 0,
        level: 'warning',
        message: { text: 'It is late. Repair: Write it first.' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'deploy/a%20b.txt' },
              region: { startLine: 2, snippet: { text: '# TYPE up gauge' } },
            },
          },
        ],
        suppressions: [],
      },
    ]);
  });

  it('have a line even if the source has none', () => {
    const [result] = runOf([source({ text: '', findings: [finding({ line: 0 })] })]).results;
    expect(result.locations[0].physicalLocation.region).toEqual({ startLine: 1 });
  });

  it('that are suppressed say where and why', () => {
    const { results } = runOf([source({ suppressed: [suppressed('comment'), suppressed('config')] })]);
    expect(results.map((result: { suppressions: unknown }) => result.suppressions)).toEqual([
      [{ kind: 'inSource', justification: 'cut' }],
      [{ kind: 'external', justification: 'cut' }],
    ]);
  });

  it('name their rules, each once, in order, with the words of the documentation', () => {
    const run = runOf([
      source({
        findings: [finding(), finding({ rule: 'syntax', severity: 'error' })],
        suppressed: [suppressed('config')],
      }),
      source({ findings: [finding({ line: 1 }), finding({ rule: 'not-known', severity: 'note' })] }),
    ]);
    const { rules } = run.tool.driver;
    expect(rules.map(({ id }: { id: string }) => id)).toEqual(['end-of-file', 'late-type', 'not-known', 'syntax']);
    expect(
      run.results.map(({ ruleId, ruleIndex }: { ruleId: string; ruleIndex: number }) => rules[ruleIndex].id === ruleId),
    ).toEqual(new Array(5).fill(true));
    expect(rules[1]).toMatchObject({
      defaultConfiguration: { level: 'warning' },
      helpUri: expect.stringMatching(/\/docs\/lint\.md#late-type$/),
      shortDescription: { text: expect.stringMatching(/^[A-Z]/) },
    });
    expect(rules[2].shortDescription.text).toBe('Not known');
  });

  it('are a log of version 2.1.0, with columns as JavaScript counts them', () => {
    expect(JSON.parse(renderSarif({ sources: [], passedOver: [] }))).toMatchObject({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'coalmine', rules: [] } }, results: [], columnKind: 'utf16CodeUnits' }],
    });
  });

  it('come with what was passed over', () => {
    const [invocation] = runOf([], [{ source: 'README.md', reason: 'is not YAML' }]).invocations;
    expect(invocation).toEqual({
      executionSuccessful: true,
      toolExecutionNotifications: [
        {
          level: 'note',
          message: { text: 'README.md is passed over, because it is not YAML' },
          locations: [{ physicalLocation: { artifactLocation: { uri: 'README.md' } } }],
        },
      ],
    });
  });

  it('have no control character', () => {
    expect(
      renderSarif({ sources: [source({ findings: [finding({ message: '\u202e\u009b' })] })], passedOver: [] }),
    ).toContain('\\u202e\\u009b. Repair');
  });
});
