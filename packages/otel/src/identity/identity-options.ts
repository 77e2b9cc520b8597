import { choiceOption, InvalidOption, keysOf, objectOption } from '@coalmine/options';

/** Flagger's: pods of the Deployment that has the users, or of the one that is tried. */
export type RolloutRole = 'primary' | 'canary';

/** What releases the pods. */
export type RolloutController = 'argo' | 'flagger';

/** Environment variables, by what they say. */
export interface IdentityVariables {
  /** @defaultValue the first that is set of `POD_NAME`, `K8S_POD_NAME`, `KUBERNETES_POD_NAME`, `MY_POD_NAME` */
  readonly pod?: string;
  /**
   * @defaultValue the first that is set of `POD_NAMESPACE`, `K8S_NAMESPACE`, `K8S_POD_NAMESPACE`,
   * `KUBERNETES_NAMESPACE`, `MY_POD_NAMESPACE`
   */
  readonly namespace?: string;
  /** @defaultValue the first that is set of `ROLLOUTS_POD_TEMPLATE_HASH`, `ROLLOUT_POD_TEMPLATE_HASH` */
  readonly hash?: string;
  /** The value of the label that the Deployment selects its pods by. @defaultValue `FLAGGER_SELECTOR_LABEL` */
  readonly selector?: string;
  /** @defaultValue the first that is set of `APP_VERSION`, `SERVICE_VERSION`, `DD_VERSION` */
  readonly version?: string;
}

/** What is known already, and where the rest is looked for. */
export interface IdentityOptions {
  /** Name of the pod. @defaultValue what is found */
  readonly pod?: string | undefined;
  /** Namespace of the pod. @defaultValue what is found */
  readonly namespace?: string | undefined;
  /** Argo's hash of the pod template. @defaultValue what is found */
  readonly hash?: string | undefined;
  /** Role under Flagger. @defaultValue what is found */
  readonly role?: RolloutRole | undefined;
  /** Name of the Rollout where there is a hash, of the Deployment otherwise. @defaultValue what is found */
  readonly workload?: string | undefined;
  /** Version of the build. @defaultValue what is found */
  readonly version?: string | undefined;
  /** Name of the service. @defaultValue none: it is never looked for */
  readonly service?: string | undefined;
  /**
   * What releases the pods. Only then is a hash read from the pod's name, which is that of a Deployment's pod to the
   * letter, and a pod that is no primary called a canary. @defaultValue what the label of Argo or of Flagger says
   */
  readonly controller?: RolloutController;
  /** @defaultValue `process.env` */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly variables?: IdentityVariables;
  /** Folder of a downwardAPI volume with the files `labels`, `name`, `namespace`. @defaultValue `'/etc/podinfo'` */
  readonly podinfo?: string;
  /**
   * Folder of the service account's token, with the file `namespace`.
   * @defaultValue `'/var/run/secrets/kubernetes.io/serviceaccount'`
   */
  readonly serviceAccount?: string;
}

/** Parsed {@link IdentityOptions}. */
export interface IdentitySettings {
  readonly given: { readonly [K in Given]: string | undefined } & { readonly role: RolloutRole | undefined };
  readonly controller: RolloutController | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly variables: { readonly [K in keyof typeof VARIABLES]: readonly string[] };
  readonly podinfo: string;
  readonly serviceAccount: string;
}

type Given = 'pod' | 'namespace' | 'hash' | 'workload' | 'version' | 'service';

const VARIABLES = {
  pod: ['POD_NAME', 'K8S_POD_NAME', 'KUBERNETES_POD_NAME', 'MY_POD_NAME'],
  namespace: ['POD_NAMESPACE', 'K8S_NAMESPACE', 'K8S_POD_NAMESPACE', 'KUBERNETES_NAMESPACE', 'MY_POD_NAMESPACE'],
  hash: ['ROLLOUTS_POD_TEMPLATE_HASH', 'ROLLOUT_POD_TEMPLATE_HASH'],
  selector: ['FLAGGER_SELECTOR_LABEL'],
  version: ['APP_VERSION', 'SERVICE_VERSION', 'DD_VERSION'],
} as const;

const KEYS = [
  'pod',
  'namespace',
  'hash',
  'role',
  'workload',
  'version',
  'service',
  'controller',
  'env',
  'variables',
  'podinfo',
  'serviceAccount',
] as const;

/** Parses the options. Throws `InvalidOption`, which names the option. */
export function parseIdentityOptions(options: IdentityOptions | undefined): IdentitySettings {
  const given = objectOption('options', options, KEYS);
  const variables = objectOption('variables', given.variables, keysOf(VARIABLES));
  const variable = (key: keyof typeof VARIABLES): readonly string[] => {
    const name = textOption(`variables.${key}`, variables[key]);
    return name === undefined ? VARIABLES[key] : [name];
  };
  return {
    given: {
      pod: textOption('pod', given.pod),
      namespace: textOption('namespace', given.namespace),
      hash: textOption('hash', given.hash),
      role: optional('role', given.role, ['primary', 'canary']),
      workload: textOption('workload', given.workload),
      version: textOption('version', given.version),
      service: textOption('service', given.service),
    },
    controller: optional('controller', given.controller, ['argo', 'flagger']),
    env: environmentOption(given.env),
    variables: {
      pod: variable('pod'),
      namespace: variable('namespace'),
      hash: variable('hash'),
      selector: variable('selector'),
      version: variable('version'),
    },
    podinfo: textOption('podinfo', given.podinfo) ?? '/etc/podinfo',
    serviceAccount:
      textOption('serviceAccount', given.serviceAccount) ?? '/var/run/secrets/kubernetes.io/serviceaccount',
  };
}

function textOption(name: string, value: string | undefined): string | undefined {
  if (value !== undefined && (typeof value !== 'string' || value === '')) {
    throw new InvalidOption(name, 'a string that is not empty', value);
  }
  return value;
}

function optional<T extends string>(name: string, value: T | undefined, choices: readonly [T, ...T[]]): T | undefined {
  return value === undefined ? undefined : choiceOption(name, value, choices, choices[0]);
}

function environmentOption(env: IdentityOptions['env']): IdentitySettings['env'] {
  if (env !== undefined && (typeof env !== 'object' || env === null)) {
    throw new InvalidOption('env', 'an object of names and values, such as process.env', env);
  }
  return env ?? process.env;
}
