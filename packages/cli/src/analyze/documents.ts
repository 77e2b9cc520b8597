import { parseAllDocuments } from 'yaml';
import { AnalysisError } from './analysis-error.js';

/** A Kubernetes object, as far as every one is alike. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The objects of a YAML stream; documents that are empty or no objects are left out. Throws `AnalysisError`. */
export function objectsIn(text: string, file: string): readonly KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new AnalysisError(`${file} is no YAML: ${error.message.split('\n', 1)[0]}`);
    const value = document.toJS() as Partial<KubernetesObject> | null;
    if (typeof value?.kind !== 'string') return [];
    if (typeof value.metadata?.name !== 'string' || typeof value.spec !== 'object' || value.spec === null) {
      throw new AnalysisError(`${file} has a ${value.kind} without metadata.name or spec`);
    }
    return [value as KubernetesObject];
  });
}
