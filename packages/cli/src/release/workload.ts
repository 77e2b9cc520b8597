import { choiceOption, InvalidOption, integerOption, objectOption } from '@coalmine/options';
import { labelsOption, objectName } from './kubernetes.js';
import { parseMatching } from './matching.js';

/** When Argo Rollouts scales down the Deployment from which a Rollout takes its pods. */
export type ScaleDown = 'never' | 'onsuccess' | 'progressively';
export const SCALE_DOWNS: readonly ScaleDown[] = ['never', 'onsuccess', 'progressively'];

/** An existing Deployment that the controller releases. */
export interface WorkloadOptions {
  /** Its name. */
  readonly deployment?: string;
  /** Labels of its pods, by which Services and monitors select them. @defaultValue `{ app: <deployment> }` */
  readonly labels?: Readonly<Record<string, string>>;
  /** When Argo Rollouts scales it down. Flagger scales it down by itself. @defaultValue `'onsuccess'` */
  readonly scaleDown?: ScaleDown;
}

/** Parsed {@link WorkloadOptions}. */
export interface Workload {
  readonly deployment: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly scaleDown: ScaleDown;
}

export function parseWorkload(options: WorkloadOptions | undefined): Workload | undefined {
  if (options === undefined) return undefined;
  const given = objectOption('workload', options, ['deployment', 'labels', 'scaleDown']);
  const deployment = objectName('workload.deployment', given.deployment);
  const labels = labelsOption('workload.labels', given.labels);
  return {
    deployment,
    labels: Object.keys(labels).length === 0 ? { app: deployment } : labels,
    scaleDown: choiceOption('workload.scaleDown', given.scaleDown, SCALE_DOWNS, 'onsuccess'),
  };
}

/** How many pods a HorizontalPodAutoscaler may run. */
export interface AutoscaleOptions {
  /** @defaultValue `2` */
  readonly min?: number;
  readonly max?: number;
  /** The target share of the requested CPU, in percent. @defaultValue `70` */
  readonly cpu?: number;
  /** CPU that a generated pod requests; the percentage refers to it. @defaultValue `'250m'` */
  readonly cpuRequest?: string;
}

/** Parsed {@link AutoscaleOptions}. */
export interface Autoscale {
  readonly min: number;
  readonly max: number;
  readonly cpu: number;
  readonly cpuRequest: string;
}

// Cores, or thousandths of one. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
const CPU = /^(?!0+(?:\.0+)?m?$)(?:\d+m|\d+(?:\.\d{1,3})?)$/;

/** Parses the autoscaler. `replicas` is the given value of that option: only one of both may be given. */
export function parseAutoscale(
  options: AutoscaleOptions | undefined,
  replicas: number | undefined,
): Autoscale | undefined {
  if (options === undefined) return undefined;
  const given = objectOption('autoscale', options, ['min', 'max', 'cpu', 'cpuRequest']);
  if (replicas !== undefined)
    throw new InvalidOption('replicas', 'left out: autoscale sets the number of pods', replicas);
  if (given.max === undefined) throw new InvalidOption('autoscale.max', 'given with autoscale', undefined);
  const max = integerOption('autoscale.max', given.max, 1, 1);
  const min = integerOption('autoscale.min', given.min, Math.min(2, max), 1);
  if (max < min) throw new InvalidOption('autoscale.max', `at least autoscale.min: ${min}`, max);
  return {
    min,
    max,
    cpu: integerOption('autoscale.cpu', given.cpu, 70, 1),
    cpuRequest: parseMatching(
      'autoscale.cpuRequest',
      given.cpuRequest ?? '250m',
      CPU,
      'an amount of CPU, such as 250m or 1.5',
    ),
  };
}

/** The workload that the pods of a release come from. */
interface NamedWorkload {
  readonly name: string;
  readonly workload: Workload | undefined;
}

/** Returns the labels of the pods of a release, by which Services and monitors select them. */
export function podLabels({ name, workload }: NamedWorkload): Readonly<Record<string, string>> {
  return workload?.labels ?? { app: name };
}

/**
 * Returns the workloads that may have pods of a release: the Rollout or the Deployment of its name, and the existing
 * Deployment.
 */
export function workloadsOf({ name, workload }: NamedWorkload): readonly string[] {
  return [...new Set([name, workload?.deployment ?? name])];
}

/** Returns the Deployment that Flagger watches. */
export function targetOf({ name, workload }: NamedWorkload): string {
  return workload?.deployment ?? name;
}
