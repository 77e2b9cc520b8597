import type { Labels } from '@coalmine/metrics';
import type { Identity } from './identity.js';
import { identityAttributes } from './identity-attributes.js';

/**
 * Returns the identity as constant labels for `metrics.labels`. The names are the names that a Prometheus makes of the
 * attributes of a resource, so that one rule joins metrics and traces. None is a name of a label that a scrape gives to
 * its targets. Values that add nothing to the pod, its workload and its service are only on the resource.
 */
export function identityLabels(identity: Identity): Labels {
  const { workload, service, ...told } = identity;
  return Object.fromEntries(
    Object.entries(identityAttributes(told)).map(([name, value]) => [name.replace(/[^a-zA-Z0-9]+/g, '_'), value]),
  );
}
