import { InvalidOption } from '@coalmine/options';
import type { Auth, Provider } from '../release/provider.js';
import type { Release } from '../release/release.js';

/** The argument of a template that comes from a Secret, by type of authentication, with its key in the Secret. */
const SECRETS = {
  bearer: { argument: 'prometheus-token', key: 'token', scheme: 'Bearer' },
  basic: { argument: 'prometheus-basic', key: 'basic', scheme: 'Basic' },
  oauth2: { argument: 'prometheus-client-secret', key: 'clientSecret' },
} as const;

/** Returns the arguments of a template of Argo Rollouts that come from a Secret in the namespace of the release. */
export function secretArguments({ auth }: Provider): readonly object[] {
  if (auth === undefined || auth.type === 'sigv4') return [];
  const { argument, key } = SECRETS[auth.type];
  return [{ name: argument, valueFrom: { secretKeyRef: { name: auth.secret, key } } }];
}

/** Returns how Argo Rollouts queries Prometheus, without the query. */
export function argoProvider({ prometheus, provider }: Release): object {
  const { insecure, timeoutSeconds, auth } = provider;
  const headers = [...Object.entries(provider.headers), ...authorization(auth)].map(([key, value]) => ({ key, value }));
  return {
    address: prometheus,
    ...(insecure ? { insecure } : {}),
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
    ...(headers.length === 0 ? {} : { headers }),
    ...authentication(auth),
  };
}

function authorization(auth: Auth | undefined): readonly (readonly [string, string])[] {
  if (auth?.type !== 'bearer' && auth?.type !== 'basic') return [];
  const { scheme, argument } = SECRETS[auth.type];
  return [['Authorization', `${scheme} {{args.${argument}}}`]];
}

function authentication(auth: Auth | undefined): object {
  if (auth?.type === 'oauth2') {
    const { tokenUrl, clientId, scopes } = auth;
    const clientSecret = `{{args.${SECRETS.oauth2.argument}}}`;
    const some = scopes.length === 0 ? {} : { scopes };
    return { authentication: { oauth2: { tokenUrl, clientId, clientSecret, ...some } } };
  }
  if (auth?.type === 'sigv4') {
    const { region, profile, roleArn } = auth;
    const more = { ...(profile === undefined ? {} : { profile }), ...(roleArn === undefined ? {} : { roleArn }) };
    return { authentication: { sigv4: { region, ...more } } };
  }
  return {};
}

/** Returns how Flagger queries Prometheus. */
export function flaggerProvider({ prometheus, provider }: Release): object {
  const { headers, insecure, auth } = provider;
  const names = Object.entries(headers);
  return {
    type: 'prometheus',
    address: prometheus,
    ...(names.length === 0 ? {} : { headers: Object.fromEntries(names.map(([name, value]) => [name, [value]])) }),
    ...(auth !== undefined && 'secret' in auth ? { secretRef: { name: auth.secret } } : {}),
    ...(insecure ? { insecureSkipVerify: true } : {}),
  };
}

/** Checks that Flagger can query Prometheus in this way. Throws `InvalidOption`. */
export function checkFlaggerProvider({ headers, timeoutSeconds, auth }: Provider): void {
  if (timeoutSeconds !== undefined) {
    throw new InvalidOption('provider.timeoutSeconds', 'left out for Flagger, which allows 5 s', timeoutSeconds);
  }
  if (auth?.type === 'oauth2' || auth?.type === 'sigv4') {
    const accepted = 'bearer or basic for Flagger: a proxy in front of Prometheus has to do anything else';
    throw new InvalidOption('provider.auth.type', accepted, auth.type);
  }
  if (auth?.type === 'bearer' && Object.keys(headers).length > 0) {
    // Flagger adds the token to the headers that it keeps, so each query sends one more:
    // https://github.com/fluxcd/flagger/blob/v1.44.0/pkg/metrics/providers/prometheus.go
    const accepted =
      'basic for Flagger with provider.headers: otherwise each query would add the token to the headers once more';
    throw new InvalidOption('provider.auth.type', accepted, auth.type);
  }
}
