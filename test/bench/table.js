/**
 * Returns a Markdown table.
 *
 * @param {Record<string, string>[]} rows The keys of the first row are the headings.
 */
export function table(rows) {
  const columns = Object.keys(rows[0]);
  const lines = [columns, columns.map(() => '---'), ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
