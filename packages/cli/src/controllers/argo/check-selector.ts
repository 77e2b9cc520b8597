import { isMapping } from '@coalmine/options';
import { type Fault, showPath, showValue } from '../fault.js';
import { isLabelValue, isQualifiedName } from '../names.js';
import { listAt, type Mapping, mappingAt, textAt } from '../read.js';
import type { Path } from '../yaml.js';

const REFUSES = 'Argo Rollouts refuses the Rollout';

/** Returns why Argo Rollouts refuses a label selector. */
export function checkSelector(selector: Mapping, path: Path): readonly Fault[] {
  const faults: Fault[] = [];
  const labels = Object.entries(mappingAt(selector, 'matchLabels'));
  const expressions = listAt(selector, 'matchExpressions');
  if (labels.length + expressions.length === 0) {
    faults.push({
      rule: 'missing-field',
      path,
      fields: ['matchLabels', 'matchExpressions'],
      message: `${showPath(path)} selects nothing: ${REFUSES}`,
      repair: 'add matchLabels with the labels of the pods',
    });
  }
  for (const [key, value] of labels) {
    if (isQualifiedName(key) && (typeof value !== 'string' || isLabelValue(value))) continue;
    refuse([...path, 'matchLabels', key], `${key}: ${showValue(value)} is not a label`, 'write a label of the pods');
  }
  for (const [i, expression] of expressions.entries()) {
    const at = [...path, 'matchExpressions', i];
    const [operator, values] = [textAt(expression, 'operator'), listAt(expression, 'values')];
    if (!isMapping(expression) || operator === '') continue;
    if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator)) {
      refuse([...at, 'operator'], `${operator} is not an operator`, 'write one of In, NotIn, Exists, DoesNotExist');
    } else if (operator.endsWith('In') !== values.length > 0) {
      refuse(
        at,
        `${operator} ${values.length > 0 ? 'takes no values' : 'needs values'}`,
        values.length > 0 ? 'remove values' : 'add values',
      );
    }
  }
  return faults;

  function refuse(at: Path, what: string, repair: string): void {
    faults.push({ rule: 'refused-value', path: at, message: `${what}: ${REFUSES}`, repair });
  }
}

/** Whether a label selector selects pods with these labels. */
export function isSelected(selector: Mapping, labels: Mapping): boolean {
  return (
    Object.entries(mappingAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value) &&
    listAt(selector, 'matchExpressions').every((expression) => {
      const key = textAt(expression, 'key');
      const isIn = Object.hasOwn(labels, key) && listAt(expression, 'values').includes(labels[key]);
      switch (textAt(expression, 'operator')) {
        case 'In':
          return isIn;
        case 'NotIn':
          return !isIn;
        case 'Exists':
          return Object.hasOwn(labels, key);
        case 'DoesNotExist':
          return !Object.hasOwn(labels, key);
        default:
          return true;
      }
    })
  );
}
