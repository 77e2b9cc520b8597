import { textOf } from '@coalmine/options';
import type { Cell } from './cell.js';
import type { RegistryLike } from './clients.js';
import type { Style } from './family.js';
import { labelText } from './label-text.js';
import { isReadableLabelName, type Labels } from './names.js';

/** Returns the default labels of a registry, without `le` and without labels whose name no scraper could read. */
export function readDefaultLabels(registry: RegistryLike): Labels {
  try {
    // No client has a public getter.
    const labels = (registry as { _defaultLabels?: object })._defaultLabels ?? {};
    const readable = Object.entries(labels).filter(([name]) => isReadableLabelName(name) && name !== 'le');
    return Object.fromEntries(
      readable.map(([name, value]) => [name, typeof value === 'string' ? value : textOf(value)]),
    );
  } catch {
    return {};
  }
}

/** Returns the labels of a cell as text without braces, with the default labels of the registry that the cell lacks. */
export function withDefaults({ text, labels }: Cell, { defaultLabels }: Style): string {
  if (isEmpty(defaultLabels)) return text;
  const rest = Object.entries(defaultLabels).filter(([name]) => !Object.hasOwn(labels, name));
  if (rest.length === 0) return text;
  const restText = labelText(Object.fromEntries(rest));
  return text === '' ? restText : `${text},${restText}`;
}

/** Returns a label set as text with braces, with the default labels of the registry. */
export function braceLabels(labels: Readonly<Record<string, unknown>>, style: Style): string {
  const text = labelText({ ...style.defaultLabels, ...labels }, style.isSorted);
  return text === '' ? '' : `{${text}}`;
}

/** Allocates nothing: a scrape asks once for each cell. */
function isEmpty(labels: Labels): boolean {
  for (const _name in labels) return false;
  return true;
}
