import type { Sides } from '../queries/question.js';
import type { Release } from '../release/release.js';
import { targetOf } from '../release/workload.js';
import { seriesOfController } from './controller-series.js';
import { podNames } from './pod-name.js';

/** Returns both sides of a release by Flagger, and the weight that Flagger reports for the canary. */
export function flaggerSides(release: Release, namespace: string, workload: string): Sides {
  return {
    canary: podsOfWorkload(release, namespace, workload),
    stable: podsOfWorkload(release, namespace, `${workload}-primary`),
    ...(release.router === 'basic'
      ? {}
      : { weight: `max(${seriesOfController(namespace, 'flagger_canary_weight', `workload="${workload}"`)})` }),
  };
}

// Flagger replaces this with the name of the Deployment.
const TARGET = '{{ target }}';

/** Returns the pods of a Deployment, as label matchers; `{{ target }}` is the Deployment of the release. */
export function podsOfWorkload(release: Release, namespace: string, workload: string): string {
  const { labels } = release;
  const name = workload.replace(TARGET, targetOf(release));
  return `${labels.namespace}="${namespace}",${labels.pod}=~"${podNames(workload, name)}"`;
}
