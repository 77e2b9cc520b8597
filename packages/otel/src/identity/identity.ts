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

/** Which pod of which release a process is. What is not known is not there. */
export interface Identity {
  readonly pod?: string;
  readonly namespace?: string;
  /** Argo's hash of the pod template: what tells canary from stable, the same for the life of a pod. */
  readonly hash?: string;
  /** Under Flagger. Never under Argo, where a pod's role changes when it is promoted. */
  readonly role?: RolloutRole;
  /** Name of the Rollout where there is a hash, of the Deployment otherwise. */
  readonly workload?: string;
  readonly version?: string;
  readonly service?: string;
}

const HASH_LABEL = 'rollouts-pod-template-hash';
const DEPLOYMENT_HASH_LABEL = 'pod-template-hash';
const VERSION_LABEL = 'app.kubernetes.io/version';

/**
 * Reads the identity of this process, from the first that says something: the options, the environment, the files of a
 * downwardAPI volume, and what Kubernetes gives every pod. Throws `InvalidOption`; a file that is missing or cannot be
 * read is no error.
 */
export function readIdentity(options: IdentityOptions = {}): Identity {
  const { given, controller, env, variables, podinfo, serviceAccount } = parseIdentityOptions(options);
  const { name, namespace, labels } = readPodinfo(podinfo);
  // A variable that refers to a label that is not there is set, and empty.
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
  // Otherwise the name may be that of a Rollout's pod as well as of a Deployment's.
  const isOwnerKnown =
    hash === undefined ? role !== undefined || made?.hash === labels.get(DEPLOYMENT_HASH_LABEL) : made?.hash === hash;

  return defined({
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
 * The name of the host, which is the pod's within Kubernetes. That of a node, which a pod in the host's network has,
 * mostly has dots.
 */
function hostName({ KUBERNETES_SERVICE_HOST, HOSTNAME }: IdentitySettings['env']): string | undefined {
  return KUBERNETES_SERVICE_HOST && HOSTNAME && !HOSTNAME.includes('.') ? HOSTNAME : undefined;
}

function defined(identity: { readonly [K in keyof Identity]-?: Identity[K] | undefined }): Identity {
  return Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== undefined));
}
