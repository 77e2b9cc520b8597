import { type Fields, fieldsIn, listIn, namespaceOf, type RecordedObject, textIn } from './record.js';

/** Whether a Rollout owns an AnalysisRun. */
export function owns(rollout: RecordedObject, run: RecordedObject): boolean {
  const isOwner = (owner: Fields): boolean =>
    textIn(owner, 'kind') === 'Rollout' && textIn(owner, 'name') === textIn(rollout.metadata, 'name');
  return listIn(run.metadata, 'ownerReferences').some(isOwner) && namespaceOf(run) === namespaceOf(rollout);
}

/** Returns the hash of the pods that an AnalysisRun looks at, if its Rollout has labelled the run. */
export function hashOf({ metadata }: RecordedObject): string | undefined {
  return textIn(fieldsIn(metadata, 'labels'), 'rollouts-pod-template-hash');
}

/** Returns the revision of a Rollout, or the revision that an AnalysisRun was created for. */
export function revisionOf({ metadata }: RecordedObject): string | undefined {
  return textIn(fieldsIn(metadata, 'annotations'), 'rollout.argoproj.io/revision');
}
