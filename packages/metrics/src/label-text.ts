/** Returns labels as exposition text without braces, in the order of the object or sorted by name. */
export function labelText(labels: Readonly<Record<string, unknown>>, isSorted = false): string {
  const entries = Object.entries(labels);
  if (isSorted) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, value]) => `${name}="${escapeLabel(String(value))}"`).join(',');
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
}
