import type { Release } from '../release/release.js';
import type { Manifest } from './manifest.js';

/** The HorizontalPodAutoscaler of what runs the pods; none where their number is fixed. */
export function autoscaler({ name, namespace, autoscale }: Release, scaleTargetRef: object): readonly Manifest[] {
  if (autoscale === undefined) return [];
  const { min, max, cpu } = autoscale;
  return [
    {
      value: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name, namespace },
        spec: {
          scaleTargetRef,
          minReplicas: min,
          maxReplicas: max,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } } },
          ],
        },
      },
      why: {
        'spec.metrics': 'Of the CPU that the containers request: without a request there is nothing to scale by.',
      },
    },
  ];
}

/** The number of pods; nothing where an autoscaler sets it, or each apply would set it back. */
export function replicasOf({ replicas, autoscale }: Release): { readonly replicas?: number } {
  return autoscale === undefined ? { replicas } : {};
}
