import { AnalysisError } from '../analysis-error.js';
import type { Controller } from '../controllers/controller.js';
import type { KubernetesObject } from '../controllers/documents.js';
import { objectsOf } from '../files/objects-of.js';
import { readDescribedOptions } from '../release/description.js';
import type { Router } from '../release/ingress.js';
import type { ReleaseOptions } from '../release/release-options.js';

/** What manifests say about their release. */
export interface Described {
  readonly options: ReleaseOptions;
  readonly controller: Controller;
  readonly objects: readonly KubernetesObject[];
}

// The kinds of objects that describe a release.
const WRITTEN = /\b(?:(?:Cluster)?AnalysisTemplate|Rollout|Canary|MetricTemplate)\b/;

/** Reads files that `coalmine manifests` wrote, or directories of them. Throws `AnalysisError`. */
export async function readDescription(paths: readonly string[]): Promise<Described> {
  const objects = await objectsOf(paths, WRITTEN);
  for (const { kind, metadata } of objects) {
    const options = readDescribedOptions(metadata.annotations);
    if (options === undefined) continue;
    const controller = kind === 'Canary' ? 'flagger' : 'argo';
    return { controller, options: { ...options, ...rest(objects) }, objects };
  }
  throw new AnalysisError(`${paths.join(', ')}: found no template that \`coalmine manifests\` wrote`);
}

// The parts of the objects that are read here; other parts are left out.
interface Canary {
  readonly provider?: string;
  readonly targetRef?: { readonly name?: string };
  readonly analysis?: { readonly stepWeights?: readonly unknown[] };
}
interface Rollout {
  readonly replicas?: number;
  readonly workloadRef?: { readonly name?: string };
  readonly strategy?: {
    readonly blueGreen?: object;
    readonly canary?: {
      readonly trafficRouting?: object;
      readonly steps?: readonly { readonly setWeight?: unknown }[];
    };
  };
}
interface Template {
  readonly provider?: { readonly address?: string };
  readonly metrics?: readonly { readonly provider?: { readonly prometheus?: { readonly address?: string } } }[];
}

/** Returns the options that the queries do not depend on: the address of Prometheus, and the split of the traffic. */
function rest(objects: readonly KubernetesObject[]): ReleaseOptions {
  const template = specIn<Template>(objects, 'AnalysisTemplate', 'ClusterAnalysisTemplate', 'MetricTemplate');
  const address = template?.provider?.address ?? template?.metrics?.[0]?.provider?.prometheus?.address;
  const canary = specIn<Canary>(objects, 'Canary');
  const rollout = specIn<Rollout>(objects, 'Rollout');
  const { blueGreen, canary: byWeight } = rollout?.strategy ?? {};
  const deployment = canary?.targetRef?.name ?? rollout?.workloadRef?.name;
  const [first] = weightsIn(objects);
  const isSplit = canary === undefined ? byWeight?.trafficRouting !== undefined : canary.provider !== 'kubernetes';
  return {
    ...(address === undefined ? {} : { prometheus: address }),
    // The kind of the router makes no difference here.
    router: (isSplit ? 'gateway' : 'basic') satisfies Router,
    ...(blueGreen === undefined ? {} : { strategy: 'blue-green' }),
    ...(first === undefined ? {} : { weights: [first] }),
    ...(rollout?.replicas === undefined ? {} : { replicas: rollout.replicas }),
    ...(deployment === undefined ? {} : { workload: { deployment } }),
  };
}

/** Returns the weights of the steps of a Canary or a Rollout, in percent, without 0 and 100. */
export function weightsIn(objects: readonly KubernetesObject[]): readonly number[] {
  const steps = specIn<Rollout>(objects, 'Rollout')?.strategy?.canary?.steps;
  const weights =
    specIn<Canary>(objects, 'Canary')?.analysis?.stepWeights ?? steps?.map(({ setWeight }) => setWeight) ?? [];
  return weights.filter((weight): weight is number => typeof weight === 'number' && weight > 0 && weight < 100);
}

function specIn<T>(objects: readonly KubernetesObject[], ...kinds: readonly string[]): T | undefined {
  return objects.find(({ kind }) => kinds.includes(kind))?.spec as T | undefined;
}
