import { textOf } from '@coalmine/options';
import type { RegistryLike } from './clients.js';
import type { Style } from './family.js';
import { labelText } from './label-text.js';
import { isReadableLabelName, type Labels } from './names.js';
import type { Series } from './series.js';

/**
 * Returns the default labels of a registry, without `le` and without labels whose name no scraper could read. They are
 * in the order of their names, so that every process of a cluster spells a series alike.
 */
export function readDefaultLabels(registry: RegistryLike): Labels {
  try {
    // No client has a public getter.
    const labels = (registry as { _defaultLabels?: object })._defaultLabels ?? {};
    const readable = Object.entries(labels).filter(([name]) => isReadableLabelName(name) && name !== 'le');
    readable.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      readable.map(([name, value]) => [name, typeof value === 'string' ? value : textOf(value)]),
    );
  } catch {
    return {};
  }
}

/** Returns the labels of a series as text without braces, with the default labels of the registry that it lacks. */
export function withDefaults(series: Series, { defaultLabels }: Style): string {
  if (isEmpty(defaultLabels)) return series.text;
  const { text, labels } = series;
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

/** Allocates nothing: a scrape asks once for each series. */
function isEmpty(labels: Labels): boolean {
  for (const _name in labels) return false;
  return true;
}
