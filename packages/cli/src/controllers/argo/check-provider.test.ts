import { describe, expect, it } from 'vitest';
import { showPath } from '../fault.js';
import type { Mapping } from '../read.js';
import { checkProvider } from './check-provider.js';

const EVERY = ': every measurement is an Error';
const faultsOf = (provider: Mapping): readonly string[] =>
  checkProvider(provider).map(({ rule, path, message }) => `${rule} ${showPath(path)}: ${message.replace(EVERY, '')}`);
const repairOf = (provider: Mapping): string | undefined => checkProvider(provider)[0]?.repair;

describe('a provider', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['of Prometheus', { prometheus: { address: 'http://p:9090', timeout: 30 } }, []],
    ['with the address of its controller', { prometheus: { query: 'up' } }, []],
    [
      'without a scheme',
      { prometheus: { address: 'p:9090' } },
      ['invalid-address prometheus.address: p:9090 is not an address with a scheme and a host'],
    ],
    [
      'with the path of a query',
      { prometheus: { address: 'http://p/api/v1/query' } },
      ['invalid-address prometheus.address: Argo Rollouts adds /api/v1/query to http://p/api/v1/query'],
    ],
    ['of another server with such a path', { web: { url: 'http://p/api/v1/query' } }, []],
    ['of a page', { web: { url: 'p' } }, ['invalid-address web.url: p is not an address with a scheme and a host']],
    ['of Graphite without an address', { graphite: {} }, ['missing-field graphite: graphite has no address']],
    ['of Graphite', { graphite: { address: 'http://g' } }, []],
    [
      'with no real time',
      {
        datadog: { query: 'a', interval: 'soon' },
        cloudWatch: { interval: '{{args.x}}' },
        skywalking: { interval: '5m' },
      },
      ['refused-value datadog.interval: soon is not a duration'],
    ],
    [
      'with a negative timeout',
      { newRelic: { timeout: -1 } },
      ['refused-value newRelic.timeout: the timeout is negative'],
    ],
    [
      'with a timeout of 0',
      { prometheus: { timeout: 0 } },
      ['refused-value prometheus.timeout: a timeout of 0 is over before the query is sent'],
    ],
    ['with a timeout of 0 that means the default', { newRelic: { timeout: 0 } }, []],
    [
      'with half of a login',
      { web: { authentication: { oauth2: { tokenUrl: 'http://t', clientId: 'a' } } } },
      ['missing-field web.authentication.oauth2: oauth2 lacks clientSecret'],
    ],
    [
      'with no login but its address',
      { prometheus: { authentication: { oauth2: { tokenUrl: 'http://t' } } } },
      ['missing-field prometheus.authentication.oauth2: oauth2 lacks clientId and clientSecret'],
    ],
    ['with an empty login', { prometheus: { authentication: { oauth2: {} } } }, []],
  ])('%s', (_, provider, faults) => {
    expect(faultsOf(provider)).toEqual(faults);
  });

  it.each([
    ['graphite', 'address'],
    ['skywalking', 'address'],
    ['kayenta', 'address'],
  ])('of %s has an address', (name, field) => {
    expect(faultsOf({ [name]: { [field]: 'p' } })).toEqual([
      `invalid-address ${name}.${field}: p is not an address with a scheme and a host`,
    ]);
  });

  it.each(['datadog', 'cloudWatch', 'skywalking'])('of %s has an interval', (name) => {
    const faults = faultsOf({ [name]: { query: 'a', interval: 'soon' } });
    expect(faults).toEqual([`refused-value ${name}.interval: soon is not a duration`]);
  });

  it('gets the repair of its address', () => {
    expect(repairOf({ prometheus: { address: 'p:9090' } })).toBe('address: http://p:9090');
    expect(repairOf({ prometheus: { address: 'http://p/x/api/v1/query' } })).toBe('address: http://p/x');
    expect(repairOf({ web: { url: 'p/x' } })).toBe('url: http://p/x');
  });
});

describe('a job', () => {
  const job = (pod: Mapping): readonly string[] => faultsOf({ job: { spec: { template: { spec: pod } } } });

  it.each<[string, Mapping, readonly string[]]>([
    ['that never restarts', { containers: [{}], restartPolicy: 'Never' }, []],
    ['that restarts on a failure', { containers: [{}], restartPolicy: 'OnFailure' }, []],
    [
      'that always restarts',
      { containers: [{}], restartPolicy: 'Always' },
      ['refused-value job.spec.template.spec.restartPolicy: the pod of a Job restarts Never or OnFailure'],
    ],
    [
      'that does not say so',
      { containers: [{}] },
      ['refused-value job.spec.template.spec: the pod of a Job restarts Never or OnFailure'],
    ],
    ['of a patch', {}, []],
  ])('%s', (_, pod, faults) => {
    expect(job(pod)).toEqual(faults);
  });
});

describe('a page', () => {
  it.each<[Mapping, readonly string[]]>([
    [{ method: 'POST', body: 'a' }, []],
    [{ body: '', jsonBody: '' }, []],
    [{ method: 'PUT', body: 'a', jsonBody: {} }, ['refused-together web.body: both body and jsonBody are given']],
    [{ jsonBody: {} }, ['refused-together web.jsonBody: a GET has no jsonBody']],
    [{ method: 'GET', body: 'a' }, ['refused-together web.body: a GET has no body']],
    [{ jsonPath: '{$.a.b}' }, []],
    [{ jsonPath: '{{args.path}}' }, []],
    [
      { jsonPath: '$.a' },
      [
        'refused-value web.jsonPath: $.a does not start with {: the result is the text in front of it, whatever the server responds',
      ],
    ],
    [{ jsonPath: '{$.a' }, ['refused-value web.jsonPath: {$.a has no }']],
    [
      { jsonPath: '{$.a[}' },
      [expect.stringMatching(/^refused-value web\.jsonPath: \{\$\.a\[\} is not a JSONPath: it cannot be read from "/)],
    ],
  ])('with %j', (web, faults) => {
    expect(faultsOf({ web })).toEqual(faults);
  });

  it('gets the repair of its path', () => {
    expect(repairOf({ web: { jsonPath: '$.a' } })).toBe('jsonPath: "{$.a}"');
    expect(repairOf({ web: { jsonPath: '{$.a' } })).toBe('jsonPath: "{$.a}"');
  });
});

describe('Datadog', () => {
  const QUERIES = { a: 'x', b: 'y' };

  it.each<[Mapping, readonly string[]]>([
    [{ query: 'a' }, []],
    [{ query: 'a', apiVersion: 'v2', aggregator: 'sum' }, []],
    [{ queries: { a: 'x' }, apiVersion: 'v2' }, []],
    [{ queries: QUERIES, formula: 'a/b', apiVersion: 'v2' }, []],
    [{}, ['missing-field datadog: datadog has neither query nor queries']],
    [{ queries: {} }, ['missing-field datadog: datadog has neither query nor queries']],
    [{ query: 'a', queries: { a: 'x' } }, ['refused-together datadog.queries: both query and queries are given']],
    [{ query: 'a', queries: QUERIES }, ['refused-together datadog.queries: both query and queries are given']],
    [{ queries: QUERIES }, ['refused-together datadog.queries: queries need apiVersion v2, but apiVersion is v1']],
    [
      { queries: { a: 'x' }, apiVersion: 'v1' },
      ['refused-together datadog.queries: queries need apiVersion v2, but apiVersion is v1'],
    ],
    [{ query: 'a', formula: 'a/b' }, ['refused-together datadog.formula: a formula needs queries']],
    [{ queries: QUERIES, apiVersion: 'v2' }, ['refused-together datadog.queries: several queries need a formula']],
    [
      { query: 'a', aggregator: 'sum' },
      ['refused-together datadog.aggregator: an aggregator needs apiVersion v2, but apiVersion is v1'],
    ],
    [{ query: 'a', requestTimeout: '10s' }, []],
    [{ query: 'a', requestTimeout: '{{args.t}}' }, []],
    [{ query: 'a', requestTimeout: '0s' }, ['refused-value datadog.requestTimeout: 0s is not a duration above 0']],
    [{ query: 'a', requestTimeout: 'soon' }, ['refused-value datadog.requestTimeout: soon is not a duration above 0']],
  ])('with %j', (datadog, faults) => {
    expect(faultsOf({ datadog })).toEqual(faults);
  });
});
