import cluster from 'node:cluster';
import { warn } from '@coalmine/options';
import { type Identity, readIdentity } from './identity.js';
import { identityAttributes } from './identity-attributes.js';
import type { IdentityOptions } from './identity-options.js';

/** A detector for `resourceDetectors` of `@opentelemetry/sdk-node`. */
export interface RolloutDetector {
  detect(): { readonly attributes: Record<string, string> };
}

const UNNAMED =
  'nothing names the service, so the SDK calls it unknown_service:node, and so does the label job of a Prometheus that ' +
  "takes OTLP: set OTEL_SERVICE_NAME, or give the name to the detector as well, as in rolloutDetector({ service: 'shop' })";

/**
 * Returns a detector of the identity of this process: {@link readIdentity}, as attributes, with a name for the service
 * and for this process if nobody has given them one. Throws `InvalidOption` at this call and not during detection,
 * because the SDK drops errors of a detector.
 */
export function rolloutDetector(options: IdentityOptions = {}): RolloutDetector {
  const identity = readIdentity(options);
  const service = identity.service ?? serviceOf(identity);
  const instance = instanceOf(identity);
  const attributes = {
    ...identityAttributes({ ...identity, ...(service === undefined ? {} : { service }) }),
    ...(instance === undefined ? {} : { 'service.instance.id': instance }),
  };
  const isNamed = service !== undefined || isNamedBy(options.env ?? process.env);
  return {
    detect() {
      if (!isNamed) warn('COALMINE_SERVICE_UNNAMED', UNNAMED, process);
      return { attributes };
    },
  };
}

/**
 * Returns the name of the service in Kubernetes: the Rollout, or the Deployment from which Flagger made its primary.
 */
function serviceOf({ workload, role }: Identity): string | undefined {
  return role === 'primary' ? workload?.replace(/-primary$/, '') : workload;
}

/**
 * Returns an id that tells this process from all other processes of the service. The next process of the same container
 * has the same id, so that its counters are known to start again. Workers of a cluster share a pod. Source:
 * OpenTelemetry semantic conventions, service attributes in Kubernetes.
 */
function instanceOf({ pod, namespace }: Identity): string | undefined {
  if (pod === undefined) return undefined;
  const worker = cluster.worker === undefined ? undefined : `worker-${cluster.worker.id}`;
  return [namespace, pod, worker].filter((part) => part !== undefined).join('.');
}

/** Whether the SDK itself finds a name of the service in these variables. */
function isNamedBy({ OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES = '' }: NonNullable<IdentityOptions['env']>): boolean {
  return Boolean(OTEL_SERVICE_NAME) || /(?:^|,)\s*service\.name\s*=/.test(OTEL_RESOURCE_ATTRIBUTES);
}
