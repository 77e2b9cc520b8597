import { InvalidOption } from '@coalmine/options';
import type { ReleaseOptions } from './release-options.js';

/** What a Prometheus makes of the attributes by which `rolloutDetector()` of `@coalmine/otel` tells pods apart. */
export const PUSHED_LABELS = {
  namespace: 'k8s_namespace_name',
  pod: 'k8s_pod_name',
  hash: 'k8s_pod_label_rollouts_pod_template_hash',
} as const;

/** Refuses what a release cannot have whose pods push. Throws `InvalidOption`, which names the option. */
export function checkPushed({ names, labels, metricsPath, recordingRules }: ReleaseOptions): void {
  if (names !== undefined && names !== 'otel') {
    throw new InvalidOption('names', "'otel', or left out with push: over OTLP the series have these names", names);
  }
  for (const [option, value] of Object.entries(labels ?? {})) {
    const label = PUSHED_LABELS[option as keyof typeof PUSHED_LABELS];
    if (value === undefined || value === label) continue;
    const accepted =
      label === undefined
        ? 'left out with push: no scrape gives this label'
        : `'${label}', or left out with push: a Prometheus makes this label of what the pods send`;
    throw new InvalidOption(`labels.${option}`, accepted, value);
  }
  if (metricsPath !== undefined) {
    throw new InvalidOption('metricsPath', 'left out with push: nobody scrapes the pods', metricsPath);
  }
  if (recordingRules === 'argo') {
    // The controller changes the role of a pod in place, which no process of the pod hears of.
    const accepted = "'flagger', or left out with push: a pod cannot send which role Argo Rollouts gives it";
    throw new InvalidOption('recordingRules', accepted, recordingRules);
  }
}
