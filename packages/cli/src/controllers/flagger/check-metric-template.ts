import { isAskable } from '../address.js';
import { type Fault, showValue } from '../fault.js';
import { has, type Mapping, mappingAt, textAt } from '../read.js';

/** The providers without a default address. */
const ADDRESSED = ['prometheus', 'graphite', 'influxdb', 'dynatrace', 'splunk'];

/** The providers for which Flagger requires credentials. */
const SECRET = ['datadog', 'newrelic', 'dynatrace', 'splunk'];

/** Returns why Flagger cannot query a MetricTemplate that fits its schema. */
export function checkMetricTemplate(template: Mapping): readonly Fault[] {
  const faults: Fault[] = [];
  if (!has(template, 'spec')) {
    const message = 'the MetricTemplate lacks spec: every check fails';
    return [{ rule: 'missing-field', path: [], fields: ['spec'], message, repair: 'add spec' }];
  }
  const provider = mappingAt(template, 'spec', 'provider');
  const type = textAt(provider, 'type');
  if (ADDRESSED.includes(type)) needs('address');
  if (type === 'cloudwatch') needs('region');
  if (SECRET.includes(type) && !has(provider, 'secretRef')) lacks('secretRef');
  const query = textAt(template, 'spec', 'query');
  if (type === 'cloudwatch' && query !== '' && !isList(query)) {
    faults.push({
      rule: 'refused-value',
      path: ['spec', 'query'],
      message: 'spec.query is not a JSON list, as CloudWatch needs: every check fails',
      repair: 'write [{ "Id": …, "Expression": … }]',
    });
  }
  const address = textAt(provider, 'address');
  if (ADDRESSED.slice(0, 3).includes(type) && address !== '' && !isAskable(address)) {
    faults.push({
      rule: 'refused-value',
      path: ['spec', 'provider', 'address'],
      message: `spec.provider.address is ${showValue(address)}, which is not a URL: every check fails`,
      repair: 'write an address such as http://prometheus:9090',
    });
  }
  return faults;

  function needs(field: string): void {
    if (!has(provider, field)) lacks(field);
    else if (textAt(provider, field) === '' && typeof provider[field] === 'string') {
      faults.push({
        rule: 'refused-value',
        path: ['spec', 'provider', field],
        message: `spec.provider.${field} is empty, but ${type} needs one: every check fails`,
        repair: `write ${field === 'region' ? 'a region' : 'an address'}`,
      });
    }
  }

  function lacks(field: string): void {
    faults.push({
      rule: 'missing-field',
      path: ['spec', 'provider'],
      fields: [field],
      message: `spec.provider lacks ${field}, which ${type} needs: every check fails`,
      repair: `add ${field}`,
    });
  }
}

/** Whether a query may be a list in JSON once it is filled in. */
function isList(query: string): boolean {
  if (/\{\{-?\s*(?:if|range|with|define|template|block|\$)/.test(query)) return true;
  try {
    return Array.isArray(JSON.parse(query.replace(/\{\{.*?\}\}/gs, '1')));
  } catch {
    return false;
  }
}
