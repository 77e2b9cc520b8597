import type { Cell } from './cell.js';
import type { Style } from './family.js';
import { labelText } from './label-text.js';
import type { Labels } from './names.js';

/** The labels of a cell with those default labels of the registry that it lacks, as text without braces. */
export function withDefaults({ text, labels }: Cell, { defaultLabels }: Style): string {
  const rest = Object.entries(defaultLabels).filter(([name]) => labels[name] === undefined);
  if (rest.length === 0) return text;
  const restText = labelText(Object.fromEntries(rest));
  return text === '' ? restText : `${text},${restText}`;
}

/** A label set with the registry's default labels, as text with its braces. */
export function braced(labels: Labels, style: Style): string {
  const text = labelText({ ...style.defaultLabels, ...labels });
  return text === '' ? '' : `{${text}}`;
}
