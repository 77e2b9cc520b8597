import { AnalysisError } from '../analysis-error.js';
import type { KubernetesObject } from '../controllers/documents.js';
import { refusalsOf } from '../controllers/refusals.js';

/**
 * Returns a sentence for each field of objects that does not exist, which `kubectl apply` refuses, and which is dropped
 * elsewhere. Throws `AnalysisError` for an object that no API server or no controller accepts.
 */
export function unknownFieldsOf(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.flatMap((object) =>
    refusalsOf({ ...object }).flatMap(({ rule, message }) => {
      // An analysis calls no webhook, and alerts nobody.
      if (rule === 'invalid-address') return [];
      const sentence = `${object.metadata.name}: ${message}`;
      if (rule === 'unknown-field') return [sentence];
      throw new AnalysisError(sentence);
    }),
  );
}
