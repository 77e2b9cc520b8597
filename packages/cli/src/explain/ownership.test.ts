import { expect, it } from 'vitest';
import { hashOf, owns, revisionOf } from './ownership.js';
import { type Fields, type RecordedObject, recordOf } from './record.js';

const rollout = recordOf({ kind: 'Rollout', metadata: { name: 'shop', namespace: 'prod' } });
const runOf = (metadata: Fields): RecordedObject => recordOf({ kind: 'AnalysisRun', metadata });

it.each<[string, Fields, boolean]>([
  ['of its name', { ownerReferences: [{ kind: 'Rollout', name: 'shop' }] }, true],
  ['that has a second owner', { ownerReferences: [{ kind: 'Job' }, { kind: 'Rollout', name: 'shop' }] }, true],
  ['of another name', { ownerReferences: [{ kind: 'Rollout', name: 'cart' }] }, false],
  ['of an Experiment of its name', { ownerReferences: [{ kind: 'Experiment', name: 'shop' }] }, false],
  ['of another namespace', { namespace: 'test', ownerReferences: [{ kind: 'Rollout', name: 'shop' }] }, false],
  ['without an owner', {}, false],
])('a Rollout and a run %s', (_, metadata, isOwned) => {
  expect(owns(rollout, runOf({ namespace: 'prod', ...metadata }))).toBe(isOwned);
});

it('a run has the hash of its pods and the revision of its Rollout, if they are on record', () => {
  const run = runOf({
    labels: { 'rollouts-pod-template-hash': 'a1' },
    annotations: { 'rollout.argoproj.io/revision': '3' },
  });
  expect([hashOf(run), revisionOf(run)]).toEqual(['a1', '3']);
  expect([hashOf(rollout), revisionOf(rollout)]).toEqual([undefined, undefined]);
});
