import { describe, expect, it } from 'vitest';
import { type Fields, recordOf } from './record.js';
import { rolloutCommands } from './rollout-commands.js';

const rollout = recordOf({ kind: 'Rollout', metadata: { name: 'shop', namespace: 'prod' } });
const runOf = (spec: Fields, status: Fields = {}, metadata: Fields = {}) =>
  recordOf({ kind: 'AnalysisRun', spec, status, metadata });
const MEASURED = { metrics: [{ provider: { web: {} } }, { provider: { prometheus: {} } }] };

describe('the next commands', () => {
  it.each([
    ['promoted', []],
    ['passed', []],
    ['not known', []],
    ['in progress', ['To watch: kubectl argo rollouts get rollout shop -n prod -w']],
    [
      'paused',
      ['To go on: kubectl argo rollouts promote shop -n prod. To give up: kubectl argo rollouts abort shop -n prod'],
    ],
    [
      'rolled back',
      [
        'Release a fixed image. To try the same image again: kubectl argo rollouts retry rollout shop -n prod',
        'The spec still names the image that failed: kubectl argo rollouts undo shop -n prod, or put the old image back in your repository.',
      ],
    ],
  ] as const)('of a release that is %s', (outcome, commands) => {
    expect(rolloutCommands(outcome, rollout, undefined)).toEqual(commands);
  });

  it('name no namespace that is not known', () => {
    expect(rolloutCommands('in progress', recordOf({ metadata: { name: 'shop' } }), undefined)[0]).toContain('shop -w');
  });

  it.each(['paused', 'rolled back'] as const)(
    'measure again what Prometheus measured in a release that is %s',
    (outcome) => {
      const [again] = rolloutCommands(outcome, rollout, runOf(MEASURED));
      expect(again).toBe('See every measurement again: coalmine analyze -f <templates> --report report.html');
      const [other] = rolloutCommands(outcome, rollout, runOf({ metrics: [{ provider: { web: {} } }] }));
      expect(other).not.toContain('coalmine');
    },
  );

  it('measure the same time again, with the same arguments', () => {
    const args = [
      { name: 'service', value: 'shop.prod:80' },
      { name: 'title', value: "it's me" },
      { name: 'empty', value: '' },
      { name: 'secret', valueFrom: {} },
    ];
    const status = { startedAt: '2026-01-20T14:00:00Z', completedAt: '2026-01-20T14:30:00.500Z' };
    expect(rolloutCommands('paused', rollout, runOf({ ...MEASURED, args }, status))[0]).toContain(
      "-f <templates> -a service=shop.prod:80 -a 'title=it'\\''s me' -a empty= --from 2026-01-20T14:00:00Z --to 2026-01-20T14:30:00.500Z --report",
    );
    const created = runOf(MEASURED, {}, { creationTimestamp: '2026-01-20T13:00:00Z' });
    expect(rolloutCommands('paused', rollout, created)[0]).toContain(
      '<templates> --from 2026-01-20T13:00:00Z --report',
    );
  });
});
