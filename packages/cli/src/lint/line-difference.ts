/** Returns the lines that only the first text has, after `-`, and the lines that replace them, after `+`. */
export function differenceOf(before: readonly string[], after: readonly string[]): string {
  const common = before.map(() => new Array<number>(after.length + 1).fill(0));
  common.push(new Array<number>(after.length + 1).fill(0));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const isSame = before[i] === after[j];
      (common[i] as number[])[j] = isSame ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let [i, j, text] = [0, 0, ''];
  while (i < before.length || j < after.length) {
    if (before[i] === after[j]) [i, j] = [i + 1, j + 1];
    else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) text += `- ${before[i++]}\n`;
    else text += `+ ${after[j++]}\n`;
  }
  return text;
}
