import type { Style } from './family.js';
import { labelText } from './label-text.js';
import type { Labels } from './names.js';
import type { Recorder } from './recorder.js';

/** The registry's default labels as text to append, less those that a series has already. */
export function restOf(recorder: Recorder, style: Style): string {
  const { names, labels } = recorder.settings;
  const own = new Set([...Object.values(names.labels), ...Object.keys(labels)]);
  const rest = Object.entries(style.defaultLabels).filter(([name]) => !own.has(name));
  return rest.length === 0 ? '' : `,${labelText(Object.fromEntries(rest))}`;
}

/** A label set with the registry's default labels, as text with its braces. */
export function braced(labels: Labels, style: Style): string {
  const text = labelText({ ...style.defaultLabels, ...labels });
  return text === '' ? '' : `{${text}}`;
}
