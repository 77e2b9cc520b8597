import { memoize } from '../memoize.js';
import { distinct, type Element, type Labels, NotKnown, sortLabels } from './elements.js';

/** Returns the labels after a change of one label: the same object for the same labels. */
export type Relabel = (labels: Labels) => Labels;

/** Changes a label of each element. Throws `NotKnown` if two elements are then the same. */
export function applyRelabel(elements: readonly Element[], relabel: Relabel): readonly Element[] {
  return distinct(elements.map(({ labels, value }) => ({ labels: relabel(labels), value })));
}

/** Returns the change that `label_replace()` makes by its texts. Throws `NotKnown` for an expression of Go alone. */
export function createReplacing([label = '', replacement = '', source = '', pattern = '']: readonly string[]): Relabel {
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`, 's');
  } catch {
    // The expression is valid in Go and not in JavaScript.
    throw new NotKnown();
  }
  return memoize((labels) => {
    const found = expression.exec(labels[source] ?? '');
    if (found === null) return labels;
    return changeLabel(
      labels,
      label,
      replacement.replace(/\$(?:\{(\w+)\}|(\w+)|\$)/g, (whole, braced, bare) => part(found, braced ?? bare, whole)),
    );
  });
}

function part(found: RegExpExecArray, name: string | undefined, whole: string): string {
  if (name === undefined) return whole.slice(1);
  return (/^\d+$/.test(name) ? found[Number(name)] : found.groups?.[name]) ?? '';
}

/** Returns the change that `label_join()` makes by its texts. */
export function createJoining([label = '', separator = '', ...sources]: readonly string[]): Relabel {
  return memoize((labels) => changeLabel(labels, label, sources.map((source) => labels[source] ?? '').join(separator)));
}

function changeLabel(labels: Labels, name: string, value: string): Labels {
  return sortLabels(Object.entries({ ...labels, [name]: value }));
}
