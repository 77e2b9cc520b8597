import { isAskable, withScheme } from '../address.js';
import { type Fault, showValue } from '../fault.js';
import { type Mapping, textAt } from '../read.js';

/** Why Flagger cannot send alerts to an AlertProvider that fits its schema. */
export function checkAlertProvider(provider: Mapping): readonly Fault[] {
  const address = textAt(provider, 'spec', 'address');
  if (address === '' || isAskable(address)) return [];
  return [
    {
      rule: 'invalid-address',
      path: ['spec', 'address'],
      message: `spec.address is ${showValue(address)}, which has no scheme and host: no alert is sent`,
      repair: `address: ${withScheme(address, 'https')}`,
    },
  ];
}
