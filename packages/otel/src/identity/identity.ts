import { join } from 'node:path';
import { flaggerRole } from './flagger-role.js';
import {
  type IdentityOptions,
  type IdentitySettings,
  parseIdentityOptions,
  type RolloutRole,
} from './identity-options.js';
import { parsePodName } from './pod-name.js';
import { readPodinfo, readText } from './podinfo.js';

/** Which pod of which release a process is. Unknown members are absent. */
export interface Identity {
  readonly pod?: string;
  readonly namespace?: string;
  /** Argo's hash of the pod template. It tells canary from stable, and stays the same for the life of a pod. */
  readonly hash?: string;
  /** Only under Flagger: under Argo, the role of a pod changes when it is promoted. */
  readonly role?: RolloutRole;
  /** Name of the Rollout if there is a hash, otherwise of the Deployment. */
  readonly workload?: string;
  readonly version?: string;
  readonly service?: string;
}

const HASH_LABEL = 'rollouts-pod-template-hash';
const DEPLOYMENT_HASH_LABEL = 'pod-template-hash';
const VERSION_LABEL = 'app.kubernetes.io/version';

/**
 * Reads the identity of this process. Each member comes from the first source that has it: the options, the
 * environment, the files of a downwardAPI volume, and what Kubernetes gives to every pod. Throws `InvalidOption`. A
 * file that is missing or cannot be read is not an error.
 */
export function readIdentity(options: IdentityOptions = {}): Identity {
  const { given, controller, env, variables, podinfo, serviceAccount } = parseIdentityOptions(options);
  const { name, namespace, labels } = readPodinfo(podinfo);
  // A variable that refers to a missing label is set, and empty.
  const variable = (key: keyof typeof variables): string | undefined =>
    variables[key].map((variableName) => env[variableName]).find((value) => value);

  const pod = given.pod ?? variable('pod') ?? name ?? hostName(env);
  const made = parsePodName(pod);
  const hash =
    given.hash ?? variable('hash') ?? labels.get(HASH_LABEL) ?? (controller === 'argo' ? made?.hash : undefined);
  const role =
    given.role ??
    (hash === undefined
      ? flaggerRole({ controller, selector: variable('selector'), labels, workload: made?.workload })
      : undefined);
  // Otherwise the name may belong to a pod of a Rollout or of a Deployment.
  const isOwnerKnown =
    hash === undefined ? role !== undefined || made?.hash === labels.get(DEPLOYMENT_HASH_LABEL) : made?.hash === hash;

  return dropUndefined({
    pod,
    namespace: given.namespace ?? variable('namespace') ?? namespace ?? readText(join(serviceAccount, 'namespace')),
    hash,
    role,
    workload: given.workload ?? (isOwnerKnown ? made?.workload : undefined),
    version: given.version ?? variable('version') ?? labels.get(VERSION_LABEL),
    service: given.service,
  });
}

/**
 * Returns the name of the host, which is the name of the pod within Kubernetes. A pod in the network of its host has
 * the name of the node instead, which usually has dots.
 */
function hostName({ KUBERNETES_SERVICE_HOST, HOSTNAME }: IdentitySettings['env']): string | undefined {
  return KUBERNETES_SERVICE_HOST && HOSTNAME && !HOSTNAME.includes('.') ? HOSTNAME : undefined;
}

function dropUndefined(identity: { readonly [K in keyof Identity]-?: Identity[K] | undefined }): Identity {
  return Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== undefined));
}
