const COLUMNS = 140;

/**
 * Breaks paragraphs into lines, so that the source of a generated page stays readable.
 *
 * @param {string} text
 * @param {string} [indent] what each line of a paragraph starts with, except for the first
 */
export function wrap(text, indent = '') {
  const wrapParagraph = (/** @type {string} */ paragraph) => {
    const lines = [''];
    for (const word of paragraph.trim().split(/\s+/)) {
      const line = lines.pop() ?? '';
      if (line === '') lines.push(word);
      else if (indent.length + line.length + 1 + word.length <= COLUMNS) lines.push(`${line} ${word}`);
      else lines.push(line, word);
    }
    return lines.join(`\n${indent}`);
  };
  return text.split('\n\n').map(wrapParagraph).join('\n\n');
}
