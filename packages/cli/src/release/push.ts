import { InvalidOption } from '@coalmine/options';
import type { ReleaseOptions } from './release-options.js';

/**
 * The labels that a Prometheus makes of the attributes by which `rolloutDetector()` of `@coalmine/otel` tells pods
 * apart.
 */
export const PUSHED_LABELS = {
  namespace: 'k8s_namespace_name',
  pod: 'k8s_pod_name',
  hash: 'k8s_pod_label_rollouts_pod_template_hash',
} as const;

/** Refuses options that a release with pods that push cannot have. Throws `InvalidOption`, which names the option. */
export function checkPushed({ names, labels, metricsPath, recordingRules }: ReleaseOptions): void {
  if (names !== undefined && names !== 'otel') {
    throw new InvalidOption('names', "'otel', or left out with push: over OTLP the series have these names", names);
  }
  for (const [option, value] of Object.entries(labels ?? {})) {
    const label = PUSHED_LABELS[option as keyof typeof PUSHED_LABELS];
    if (value === undefined || value === label) continue;
    const accepted =
      label === undefined
        ? 'left out with push: no scrape sets this label'
        : `'${label}', or left out with push: a Prometheus makes this label of the attributes that the pods send`;
    throw new InvalidOption(`labels.${option}`, accepted, value);
  }
  if (metricsPath !== undefined) {
    throw new InvalidOption('metricsPath', 'left out with push: pods that push are not scraped', metricsPath);
  }
  if (recordingRules === 'argo') {
    // The controller changes the role of a pod in place, and no process of the pod learns of it.
    const accepted = "'flagger', or left out with push: a pod cannot send which role Argo Rollouts gives it";
    throw new InvalidOption('recordingRules', accepted, recordingRules);
  }
}
