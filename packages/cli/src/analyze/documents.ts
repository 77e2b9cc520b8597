import { parseAllDocuments } from 'yaml';
import { AnalysisError } from './analysis-error.js';

/** A Kubernetes object, as far as every one is alike. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What an analysis is made of. */
const ANALYSED = /^(?:(?:Cluster)?AnalysisTemplate|AnalysisRun|Canary|MetricTemplate)$/;

/**
 * The objects of a YAML stream, those of its lists among them; what has no `spec`, as a ConfigMap has none, is left out.
 * Throws `AnalysisError` for what is no YAML, and for a part of an analysis that is not whole.
 */
export function objectsIn(text: string, file: string): readonly KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new AnalysisError(`${file} is no YAML: ${error.message.split('\n', 1)[0]}`);
    return objectsOf(document.toJS() as Unchecked | null, file);
  });
}

type Unchecked = Partial<KubernetesObject> & { readonly items?: unknown };

function objectsOf(value: Unchecked | null, file: string): readonly KubernetesObject[] {
  if (typeof value?.kind !== 'string') return [];
  // What `kubectl get -o yaml` answers.
  if (Array.isArray(value.items)) return value.items.flatMap((item: Unchecked | null) => objectsOf(item, file));
  const isWhole = typeof value.metadata?.name === 'string' && typeof value.spec === 'object' && value.spec !== null;
  if (isWhole) return [value as KubernetesObject];
  if (ANALYSED.test(value.kind)) throw new AnalysisError(`${file} has ${value.kind} without metadata.name or spec`);
  return [];
}
