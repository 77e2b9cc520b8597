import { secondsIn } from '../../go/duration.js';
import { isAskable, withoutQueryPath, withScheme } from '../address.js';
import { type Fault, type FaultRule, showValue } from '../fault.js';
import { has, type Mapping, mappingAt, numberAt, textAt } from '../read.js';
import type { Path } from '../yaml.js';
import { jsonPathErrorAt } from './json-path.js';

/** Where providers ask. Prometheus has another address in the environment of the controller. */
const ADDRESSES: readonly (readonly [provider: string, field: string])[] = [
  ['prometheus', 'address'],
  ['web', 'url'],
  ['graphite', 'address'],
  ['skywalking', 'address'],
  ['kayenta', 'address'],
];

const DURATIONS: readonly (readonly [provider: string, field: string])[] = [
  ['datadog', 'interval'],
  ['cloudWatch', 'interval'],
  ['skywalking', 'interval'],
];

/** Why Argo Rollouts cannot ask a provider that fits its schema; the path of each reason starts at the provider. */
export function checkProvider(provider: Mapping): readonly Fault[] {
  const faults: Fault[] = [];
  for (const [name, field] of ADDRESSES) checkAddress(name, field);
  for (const [name, field] of DURATIONS) checkDuration(name, field);
  for (const name of ['prometheus', 'web']) checkAuthentication(name);
  for (const name of ['prometheus', 'newRelic']) {
    if ((numberAt(provider, name, 'timeout') ?? 0) < 0)
      refuse('refused-value', [name, 'timeout'], 'the timeout is negative', 'write seconds, such as 30');
  }
  if (numberAt(provider, 'prometheus', 'timeout') === 0) {
    const what = 'a timeout of 0 is over before the query is sent';
    refuse('refused-value', ['prometheus', 'timeout'], what, 'write seconds, such as 30');
  }
  if (has(provider, 'graphite') && textAt(provider, 'graphite', 'address') === '')
    refuse('missing-field', ['graphite'], 'graphite has no address', 'address: http://graphite');
  const pod = mappingAt(provider, 'job', 'spec', 'template', 'spec');
  if (has(pod, 'containers') && !['Never', 'OnFailure'].includes(textAt(pod, 'restartPolicy'))) {
    const path = ['job', 'spec', 'template', 'spec', ...(has(pod, 'restartPolicy') ? ['restartPolicy'] : [])];
    refuse('refused-value', path, 'the pod of a Job restarts Never or OnFailure', 'restartPolicy: Never');
  }
  if (has(provider, 'web')) checkWeb(mappingAt(provider, 'web'));
  if (has(provider, 'datadog')) checkDatadog(mappingAt(provider, 'datadog'));
  return faults;

  function checkAddress(name: string, field: string): void {
    const address = textAt(provider, name, field);
    const asked = name === 'prometheus' ? withoutQueryPath(address) : undefined;
    if (asked !== undefined) {
      faults.push({
        rule: 'invalid-address',
        path: [name, field],
        message: `Argo Rollouts adds /api/v1/query to ${address}: every measurement is an Error`,
        repair: `${field}: ${asked}`,
      });
    }
    if (address === '' || isAskable(address)) return;
    faults.push({
      rule: 'invalid-address',
      path: [name, field],
      message: `${address} is not an address with a scheme and a host: every measurement is an Error`,
      repair: `${field}: ${withScheme(address)}`,
    });
  }

  function checkDuration(name: string, field: string): void {
    const text = textAt(provider, name, field);
    if (text === '' || text.includes('{{') || !Number.isNaN(secondsIn(text))) return;
    refuse('refused-value', [name, field], `${showValue(text)} is not a duration`, 'write a duration such as 5m');
  }

  function checkAuthentication(name: string): void {
    const oauth = mappingAt(provider, name, 'authentication', 'oauth2');
    if (textAt(oauth, 'tokenUrl') === '') return;
    const missing = ['clientId', 'clientSecret'].filter((field) => textAt(oauth, field) === '');
    if (missing.length === 0) return;
    const path = [name, 'authentication', 'oauth2'];
    refuse('missing-field', path, `oauth2 lacks ${missing.join(' and ')}`, `add ${missing.join(' and ')}`);
  }

  function checkWeb(web: Mapping): void {
    const bodies = ['body', 'jsonBody'].filter((field) => has(web, field) && web[field] !== '');
    const [body] = bodies;
    if (bodies.length > 1) {
      refuse('refused-together', ['web', 'body'], 'both body and jsonBody are given', 'keep one of them');
    } else if (body !== undefined && ['', 'GET'].includes(textAt(web, 'method'))) {
      refuse('refused-together', ['web', body], `a GET has no ${body}`, 'method: POST');
    }
    const path = textAt(web, 'jsonPath');
    if (path.includes('{{')) return;
    if (path !== '' && !path.startsWith('{')) {
      const message = `${path} does not start with {: the result is the text in front of it, whatever the server responds`;
      faults.push({ rule: 'refused-value', path: ['web', 'jsonPath'], message, repair: `jsonPath: "{${path}}"` });
    } else if (path !== '' && !path.includes('}')) {
      refuse('refused-value', ['web', 'jsonPath'], `${path} has no }`, `jsonPath: "${path}}"`);
    } else {
      const at = jsonPathErrorAt(path);
      if (at === undefined) return;
      const what = `${path} is not a JSONPath: it cannot be read from ${JSON.stringify(path.slice(at, at + 20))} on`;
      refuse('refused-value', ['web', 'jsonPath'], what, 'write a path such as {$.data.value}');
    }
  }

  function checkDatadog(datadog: Mapping): void {
    const queries = Object.keys(mappingAt(datadog, 'queries')).length;
    const hasQuery = textAt(datadog, 'query') !== '';
    const hasFormula = textAt(datadog, 'formula') !== '';
    const isFirst = ['', 'v1'].includes(textAt(datadog, 'apiVersion'));
    const refuseTogether = (field: string, what: string, repair: string): void =>
      refuse('refused-together', ['datadog', ...(has(datadog, field) ? [field] : [])], what, repair);
    if (!hasQuery && queries === 0) {
      refuse('missing-field', ['datadog'], 'datadog has neither query nor queries', 'add a query');
    } else if (hasQuery && queries > 0) {
      refuseTogether('queries', 'both query and queries are given', 'keep one of them');
    } else if (isFirst && !hasQuery) {
      refuseTogether('queries', 'queries need apiVersion v2, but apiVersion is v1', 'apiVersion: v2');
    } else if (hasFormula && queries === 0) {
      refuseTogether('formula', 'a formula needs queries', 'remove formula, or write queries');
    } else if (!hasFormula && queries > 1) {
      refuseTogether('queries', 'several queries need a formula', 'add a formula');
    } else if (isFirst && textAt(datadog, 'aggregator') !== '') {
      refuseTogether('aggregator', 'an aggregator needs apiVersion v2, but apiVersion is v1', 'apiVersion: v2');
    }
    const timeout = textAt(datadog, 'requestTimeout');
    if (timeout !== '' && !timeout.includes('{{') && !(secondsIn(timeout) > 0)) {
      const what = `${showValue(timeout)} is not a duration above 0`;
      refuse('refused-value', ['datadog', 'requestTimeout'], what, 'write a duration such as 10s');
    }
  }

  function refuse(rule: FaultRule, path: Path, what: string, repair: string): void {
    faults.push({ rule, path, message: `${what}: every measurement is an Error`, repair });
  }
}
