import type { Release } from '../release/release.js';
import type { Manifest } from './manifest.js';

/** Returns the HorizontalPodAutoscaler for the pods; none if their number is fixed. */
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
        'spec.metrics':
          'A share of the CPU that the containers request: without a request the autoscaler cannot scale.',
      },
    },
  ];
}

/** Returns the number of pods; empty if an autoscaler sets it, because each apply would reset it. */
export function replicasOf({ replicas, autoscale }: Release): { readonly replicas?: number } {
  return autoscale === undefined ? { replicas } : {};
}
