import { has, type Mapping, mappingAt, numberAt } from '../read.js';
import type { Refuse } from '../refuse.js';
import type { Path } from '../yaml.js';

/** Checks the antiAffinity of a strategy. */
export function checkAntiAffinity(strategy: Mapping, path: Path, refuse: Refuse): void {
  if (!has(strategy, 'antiAffinity')) return;
  const [preferred, required] = [
    'preferredDuringSchedulingIgnoredDuringExecution',
    'requiredDuringSchedulingIgnoredDuringExecution',
  ] as const;
  const affinity = mappingAt(strategy, 'antiAffinity');
  const at = [...path, 'antiAffinity'];
  if (has(affinity, preferred) === has(affinity, required)) {
    const isNone = !has(affinity, preferred);
    refuse(
      isNone ? 'missing-field' : 'refused-together',
      at,
      isNone ? `lacks ${preferred} or ${required}` : 'has two kinds of antiAffinity',
      `${isNone ? 'add' : 'keep'} one of ${preferred} and ${required}`,
      { fields: isNone ? [preferred, required] : undefined },
    );
  }
  const weight = numberAt(affinity, preferred, 'weight');
  if (weight !== undefined && (weight < 1 || weight > 100)) {
    refuse('refused-value', [...at, preferred, 'weight'], `is ${weight}`, 'write a weight from 1 to 100');
  }
}
