import { expect, it } from 'vitest';
import type { Fault } from '../fault.js';
import type { Mapping } from '../read.js';
import { createRefuse } from '../refuse.js';
import { checkAntiAffinity } from './check-anti-affinity.js';

const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

it.each<[string, Mapping, readonly string[]]>([
  ['nothing', {}, []],
  ['a requirement', { antiAffinity: { [REQUIRED]: {} } }, []],
  ['the least weight', { antiAffinity: { [PREFERRED]: { weight: 1 } } }, []],
  ['the largest weight', { antiAffinity: { [PREFERRED]: { weight: 100 } } }, []],
  ['no weight, which the schema says', { antiAffinity: { [PREFERRED]: {} } }, []],
  [
    'too small a weight',
    { antiAffinity: { [PREFERRED]: { weight: 0 } } },
    [`refused-value s.antiAffinity.${PREFERRED}.weight is 0 (write a weight from 1 to 100)`],
  ],
  [
    'too large a weight',
    { antiAffinity: { [PREFERRED]: { weight: 101 } } },
    [`refused-value s.antiAffinity.${PREFERRED}.weight is 101 (write a weight from 1 to 100)`],
  ],
  [
    'neither kind',
    { antiAffinity: {} },
    [`missing-field s.antiAffinity lacks ${PREFERRED} or ${REQUIRED} (add one of ${PREFERRED} and ${REQUIRED})`],
  ],
  [
    'both kinds',
    { antiAffinity: { [PREFERRED]: { weight: 1 }, [REQUIRED]: {} } },
    [`refused-together s.antiAffinity has two kinds of antiAffinity (keep one of ${PREFERRED} and ${REQUIRED})`],
  ],
])('a strategy with %s', (_, strategy, expected) => {
  const faults: Fault[] = [];
  checkAntiAffinity(strategy, ['s'], createRefuse(faults));
  expect(faults.map(({ rule, message, repair }) => `${rule} ${message} (${repair})`)).toEqual(expected);
  expect(faults.map(({ rule, fields }) => (rule === 'missing-field') === (fields !== undefined))).not.toContain(false);
});
