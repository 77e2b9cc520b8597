import { describe, expect, it } from 'vitest';
import { type ProviderOptions, parseProvider } from './provider.js';

const PROMETHEUS = 'http://prometheus:9090';
const AMAZON = 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1';

describe('how a controller queries Prometheus', () => {
  it('is known without options', () => {
    expect(parseProvider(undefined, PROMETHEUS)).toEqual({
      headers: {},
      insecure: false,
      timeoutSeconds: undefined,
      auth: undefined,
    });
  });

  it.each<[auth: NonNullable<ProviderOptions['auth']>, parsed: object]>([
    [
      { type: 'bearer', secret: 'token' },
      { type: 'bearer', secret: 'token' },
    ],
    [
      { type: 'basic', secret: 'user.name' },
      { type: 'basic', secret: 'user.name' },
    ],
    [
      { type: 'oauth2', secret: 's', tokenUrl: 'https://login/token', clientId: 'coalmine', scopes: ['read'] },
      { type: 'oauth2', secret: 's', tokenUrl: 'https://login/token', clientId: 'coalmine', scopes: ['read'] },
    ],
    [
      { type: 'sigv4', region: 'eu-west-1', roleArn: 'arn:aws:iam::1:role/a' },
      { type: 'sigv4', region: 'eu-west-1', profile: undefined, roleArn: 'arn:aws:iam::1:role/a' },
    ],
  ])('may need a secret or a role: %j', (auth, parsed) => {
    expect(parseProvider({ auth }, AMAZON).auth).toEqual(parsed);
  });

  it.each<[options: ProviderOptions, message: string]>([
    [{ auth: {} }, 'provider.auth.type must be given: one of bearer, basic, oauth2, sigv4'],
    [{ auth: { type: 'bearer' } }, 'provider.auth.secret must be a Kubernetes name'],
    [
      { auth: { type: 'basic', secret: 'a', region: 'eu' } },
      'provider.auth.region must be left out with basic: it is for sigv4, got "eu"',
    ],
    [
      { auth: { type: 'sigv4', region: 'eu', secret: 'a' } },
      'provider.auth.secret must be left out with sigv4: it is for bearer, basic, oauth2, got "a"',
    ],
    [
      { auth: { type: 'sigv4', region: 'eu' } },
      'provider.auth.type must be another one: queries are signed only for a prometheus of Amazon',
    ],
    [
      { auth: { type: 'oauth2', secret: 'a', tokenUrl: 'login', clientId: 'b' } },
      'provider.auth.tokenUrl must be an address with http:// or https://, got "login"',
    ],
    [
      { auth: { type: 'oauth2', secret: 'a', tokenUrl: 'http://a', clientId: '{{args.id}}' } },
      'provider.auth.clientId must be the id of a client',
    ],
    [{ timeoutSeconds: 0 }, 'provider.timeoutSeconds must be'],
  ])('is refused with %j', (options, message) => {
    expect(() => parseProvider(options, PROMETHEUS)).toThrow(message);
  });

  it('may have headers, but no secret among them', () => {
    const headers = { 'X-Scope-OrgID': 'shop 1' };
    expect(parseProvider({ headers }, PROMETHEUS).headers).toEqual(headers);
    expect(() => parseProvider({ headers: { AUTHORIZATION: 'Bearer abc' } }, PROMETHEUS)).toThrow(
      'provider.headers.AUTHORIZATION must be left out: provider.auth takes it from a Secret, got "…"',
    );
  });

  it.each([{ 'a b': 'c' }, { a: ' b' }, { a: '{{args.b}}' }, { a: 'é' }, { a: '' }])(
    'may not have a header that HTTP or a template reads otherwise: %j',
    (headers) => {
      expect(() => parseProvider({ headers }, PROMETHEUS)).toThrow('provider.headers');
    },
  );
});
