import { AnalysisError } from '../analysis-error.js';
import { readObjects, type SourceObject } from './objects.js';

/** The parts that all Kubernetes objects have. */
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

/** The kinds of objects in an analysis. */
const ANALYSED = /^(?:(?:Cluster)?AnalysisTemplate|AnalysisRun|Canary|MetricTemplate)$/;

/**
 * Returns the objects of a YAML stream, including the items of its lists. Objects without `spec`, such as a ConfigMap,
 * are left out. Throws `AnalysisError` for text that is not YAML, for the source of a chart, and for an incomplete
 * object of an analysis.
 */
export function objectsIn(text: string, file: string): readonly KubernetesObject[] {
  const { objects, unread } = readObjects([{ file, text }]);
  const [first] = unread;
  if (first?.kind === 'chart') {
    throw new AnalysisError(
      `${file}:${first.line} is the source of a chart: render the chart first, with helm template`,
    );
  }
  if (first !== undefined) throw new AnalysisError(`${file} is not YAML: ${first.message}, line ${first.line}`);
  return objects.flatMap((object) => wholeOf(object, file));
}

function wholeOf({ kind, written }: SourceObject, file: string): readonly KubernetesObject[] {
  const { metadata, spec } = written as Partial<KubernetesObject>;
  if (typeof metadata?.name === 'string' && typeof spec === 'object' && spec !== null) {
    return [written as unknown as KubernetesObject];
  }
  if (ANALYSED.test(kind)) throw new AnalysisError(`${file} has ${kind} without metadata.name or spec`);
  return [];
}
