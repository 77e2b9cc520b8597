import type { Labels } from '@coalmine/metrics';
import type { Identity } from './identity.js';
import { identityAttributes } from './identity-attributes.js';

/**
 * The identity as constant labels for `metrics.labels`, by the names that a Prometheus makes of the attributes of a
 * resource, so that one rule joins metrics and traces. None is the name of a label that a scrape gives its targets.
 * What adds nothing to the pod, its workload and its service, is on the resource alone.
 */
export function identityLabels(identity: Identity): Labels {
  const { workload, service, ...told } = identity;
  return Object.fromEntries(
    Object.entries(identityAttributes(told)).map(([name, value]) => [name.replace(/[^a-zA-Z0-9]+/g, '_'), value]),
  );
}
