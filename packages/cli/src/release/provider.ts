import {
  booleanOption,
  choiceOption,
  InvalidOption,
  integerOption,
  keysOf,
  listOption,
  objectOption,
} from '@coalmine/options';
import { subdomainName } from './kubernetes.js';
import { parseMatching, parsePairs } from './matching.js';

/** How the controller authenticates to Prometheus. */
export type AuthType = 'bearer' | 'basic' | 'oauth2' | 'sigv4';
export const AUTH_TYPES: readonly AuthType[] = ['bearer', 'basic', 'oauth2', 'sigv4'];

/** How the controller queries Prometheus. */
export interface ProviderOptions {
  /**
   * Headers to send with each query, such as the header of a tenant. Nothing secret, because everybody may read them.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether any certificate is accepted. @defaultValue `false` */
  readonly insecure?: boolean;
  /** Seconds that a query may take; Flagger always allows 5. @defaultValue the default of Argo Rollouts, 30 */
  readonly timeoutSeconds?: number;
  /** @defaultValue none */
  readonly auth?: {
    /** Flagger supports `bearer` and `basic`. */
    readonly type?: AuthType;
    /**
     * The Secret, in the namespace of the release. `bearer`: its key `token`. `basic`: `username` and `password` for
     * Flagger; for Argo Rollouts `basic`, which is both with a colon between them in base64. `oauth2`: `clientSecret`.
     */
    readonly secret?: string;
    /** oauth2: the URL that issues tokens. */
    readonly tokenUrl?: string;
    /** oauth2. */
    readonly clientId?: string;
    /** oauth2. @defaultValue none */
    readonly scopes?: readonly string[];
    /** sigv4: the AWS region. */
    readonly region?: string;
    /** sigv4: a profile of the controller's credentials. @defaultValue none */
    readonly profile?: string;
    /** sigv4: the role to assume. @defaultValue none */
    readonly roleArn?: string;
  };
}

/** Parsed {@link ProviderOptions}. */
export interface Provider {
  readonly headers: Readonly<Record<string, string>>;
  readonly insecure: boolean;
  readonly timeoutSeconds: number | undefined;
  readonly auth: Auth | undefined;
}

export type Auth =
  | { readonly type: 'bearer' | 'basic'; readonly secret: string }
  | {
      readonly type: 'oauth2';
      readonly secret: string;
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly scopes: readonly string[];
    }
  | {
      readonly type: 'sigv4';
      readonly region: string;
      readonly profile: string | undefined;
      readonly roleArn: string | undefined;
    };

type AuthOptions = NonNullable<ProviderOptions['auth']>;

const OF_TYPES: Readonly<Record<Exclude<keyof AuthOptions, 'type'>, readonly AuthType[]>> = {
  secret: ['bearer', 'basic', 'oauth2'],
  tokenUrl: ['oauth2'],
  clientId: ['oauth2'],
  scopes: ['oauth2'],
  region: ['sigv4'],
  profile: ['sigv4'],
  roleArn: ['sigv4'],
};

// https://www.rfc-editor.org/rfc/rfc9110#name-field-names. Braces would be arguments of a template.
const HEADER_NAME = /^[!#$%&'*+\-.^`|~\w]+$/;
const HEADER_VALUE = /^(?!.*\{\{)[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;
const TEXT = /^(?!.*\{\{)\S+$/;

/** Parses the provider. `prometheus` is the address: Argo Rollouts signs only queries to Amazon's. */
export function parseProvider(options: ProviderOptions | undefined, prometheus: string): Provider {
  const given = objectOption('provider', options, ['headers', 'insecure', 'timeoutSeconds', 'auth']);
  const headers = parsePairs(
    'provider.headers',
    given.headers,
    { pattern: HEADER_NAME, accepted: 'names of headers' },
    { pattern: HEADER_VALUE, accepted: 'a text in ASCII that a header can have, without {{' },
  );
  const secret = Object.keys(headers).find((name) => name.toLowerCase() === 'authorization');
  if (secret !== undefined) {
    throw new InvalidOption(`provider.headers.${secret}`, 'left out: provider.auth takes it from a Secret', '…');
  }
  const { timeoutSeconds } = given;
  return {
    headers,
    insecure: booleanOption('provider.insecure', given.insecure, false),
    timeoutSeconds:
      timeoutSeconds === undefined ? undefined : integerOption('provider.timeoutSeconds', timeoutSeconds, 30, 1),
    auth: given.auth === undefined ? undefined : parseAuth(given.auth, prometheus),
  };
}

function parseAuth(options: AuthOptions, prometheus: string): Auth {
  const given = objectOption('provider.auth', options, ['type', ...keysOf(OF_TYPES)]);
  if (given.type === undefined) {
    throw new InvalidOption('provider.auth.type', `given: one of ${AUTH_TYPES.join(', ')}`, undefined);
  }
  const type = choiceOption('provider.auth.type', given.type, AUTH_TYPES, 'bearer');
  for (const [option, types] of Object.entries(OF_TYPES)) {
    const value = given[option as keyof AuthOptions];
    if (value === undefined || types.includes(type)) continue;
    throw new InvalidOption(`provider.auth.${option}`, `left out with ${type}: it is for ${types.join(', ')}`, value);
  }
  if (type === 'sigv4') {
    // https://github.com/argoproj/argo-rollouts/blob/v1.10.1/metricproviders/prometheus/prometheus.go
    if (!prometheus.includes('aps-workspaces')) {
      throw new InvalidOption(
        'provider.auth.type',
        'another one: queries are signed only for a prometheus of Amazon, which has aps-workspaces in its address',
        type,
      );
    }
    const { region, profile, roleArn } = given;
    return {
      type,
      region: parseMatching('provider.auth.region', region, TEXT, 'an AWS region, such as eu-west-1'),
      profile: profile === undefined ? undefined : parseMatching('provider.auth.profile', profile, TEXT, 'a profile'),
      roleArn:
        roleArn === undefined
          ? undefined
          : parseMatching('provider.auth.roleArn', roleArn, /^arn:\S+$/, 'the ARN of a role: arn:aws:iam::…'),
    };
  }
  const secret = subdomainName('provider.auth.secret', given.secret);
  if (type !== 'oauth2') return { type, secret };
  const { tokenUrl, clientId, scopes } = given;
  return {
    type,
    secret,
    tokenUrl: parseMatching(
      'provider.auth.tokenUrl',
      tokenUrl,
      /^https?:\/\/\S+$/,
      'an address with http:// or https://',
    ),
    clientId: parseMatching('provider.auth.clientId', clientId, TEXT, 'the id of a client'),
    scopes: listOption('provider.auth.scopes', scopes, 'a text without spaces', (each) => TEXT.test(each)),
  };
}
