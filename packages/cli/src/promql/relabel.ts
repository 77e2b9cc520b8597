import { distinct, type Element, NotKnown, sortLabels } from './elements.js';

/** Returns the label that changes, with its value; `undefined` if none does. */
export type Relabel = (labels: Element['labels']) => readonly [name: string, value: string] | undefined;

/** Changes a label of each element. Throws `NotKnown` if two elements are then the same. */
export function applyRelabel(elements: readonly Element[], relabel: Relabel): readonly Element[] {
  return distinct(
    elements.map(({ labels, value }) => {
      const changed = relabel(labels);
      return {
        labels: changed === undefined ? labels : sortLabels(Object.entries({ ...labels, [changed[0]]: changed[1] })),
        value,
      };
    }),
  );
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
  return (labels) => {
    const found = expression.exec(labels[source] ?? '');
    if (found === null) return undefined;
    return [
      label,
      replacement.replace(/\$(?:\{(\w+)\}|(\w+)|\$)/g, (whole, braced, bare) => part(found, braced ?? bare, whole)),
    ];
  };
}

function part(found: RegExpExecArray, name: string | undefined, whole: string): string {
  if (name === undefined) return whole.slice(1);
  return (/^\d+$/.test(name) ? found[Number(name)] : found.groups?.[name]) ?? '';
}

/** Returns the change that `label_join()` makes by its texts. */
export function createJoining([label = '', separator = '', ...sources]: readonly string[]): Relabel {
  return (labels) => [label, sources.map((source) => labels[source] ?? '').join(separator)];
}
