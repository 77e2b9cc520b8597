import { describe, expect, it } from 'vitest';
import type { Fault } from '../fault.js';
import type { Mapping } from '../read.js';
import { createRefuse } from '../refuse.js';
import { checkRun } from './check-run.js';

/** Returns what is wrong with an analysis of a Rollout. */
function faultsOf(run: Mapping): readonly string[] {
  const faults: Fault[] = [];
  checkRun(run, ['run'], createRefuse(faults));
  return faults.map(({ rule, message, repair }) => `${rule} ${message} (${repair})`);
}

const FIELDS =
  "write metadata.name, metadata.namespace, metadata.uid, metadata.labels['…'] or metadata.annotations['…']";

describe('an analysis of a Rollout', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['names templates', { templates: [{ templateName: 'a' }] }, []],
    [
      'names none',
      { templates: [] },
      ['missing-field run lacks templates, so the analysis has no metric (add templates: [{ templateName: … }])'],
    ],
    [
      'has one without a name',
      { templates: [{ templateName: 'a' }, { clusterScope: true }] },
      ['missing-field run.templates[1] lacks templateName (add templateName)'],
    ],
  ])('%s', (_, run, faults) => {
    expect(faultsOf(run)).toEqual(faults);
  });

  it.each([
    ['metadata.name', true],
    ['metadata.namespace', true],
    ['metadata.uid', true],
    ['metadata.labels', true],
    ["metadata.labels['a']", true],
    ["metadata.annotations['a.b/c']", true],
    ["metadata.labels['']", false],
    ["metadata.names['a']", false],
    ['metadata.generation', false],
    ['xmetadata.name', true],
    ['spec.replicas', true],
  ])('may have the field %s as an argument: %s', (fieldPath, isFine) => {
    const args = [{ name: 'a' }, { name: 'b', valueFrom: { fieldRef: { fieldPath } } }];
    expect(faultsOf({ templates: [{ templateName: 'a' }], args })).toEqual(
      isFine ? [] : [`refused-value run.args[1].valueFrom.fieldRef.fieldPath is ${fieldPath} (${FIELDS})`],
    );
  });

  it.each(['Latest', 'Stable', 'latest'])('may have the hash %s as an argument', (podTemplateHashValue) => {
    const args = [{ name: 'a', valueFrom: { podTemplateHashValue } }];
    const isFine = podTemplateHashValue !== 'latest';
    expect(faultsOf({ templates: [{ templateName: 'a' }], args })).toEqual(
      isFine
        ? []
        : [
            'refused-value run.args[0].valueFrom.podTemplateHashValue is latest: the argument is an empty text (write Latest or Stable)',
          ],
    );
  });
});
