import type { Identity } from './identity.js';

/**
 * Returns the identity as attributes of a resource, named by OpenTelemetry's semantic conventions. The conventions have
 * no Rollout: they name its ReplicaSet, and `coalmine.rollout.name` is the Rollout itself.
 */
export function identityAttributes(identity: Identity): Record<string, string> {
  const { pod, namespace, hash, role, workload, version, service } = identity;
  const isRollout = hash !== undefined && workload !== undefined;
  const attributes: Record<string, string | undefined> = {
    'service.name': service,
    'service.version': version,
    'k8s.namespace.name': namespace,
    'k8s.pod.name': pod,
    'k8s.pod.label.rollouts-pod-template-hash': hash,
    'k8s.replicaset.name': isRollout ? `${workload}-${hash}` : undefined,
    'k8s.deployment.name': isRollout ? undefined : workload,
    'coalmine.rollout.name': isRollout ? workload : undefined,
    'coalmine.rollout.role': role,
  };
  return Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
