/** Returns the values of promtool's shorthand such as `0+10x3 _x2 40`, with `undefined` for a gap. */
export function valuesOf(values: string): readonly (number | undefined)[] {
  return values.split(' ').flatMap((part) => {
    const {
      first = '',
      step,
      times,
    } = /^(?<first>_|stale|-?[\d.]+)(?<step>[+-][\d.]+)?(?:x(?<times>\d+))?$/.exec(part)?.groups ?? {};
    // The number after a value counts the further samples. The number after a gap is the length of the gap.
    const length = times === undefined ? 1 : Number(times) + (first === '_' ? 0 : 1);
    const isGap = first === '_' || first === 'stale';
    return Array.from({ length }, (_, i) => (isGap ? undefined : Number(first) + i * Number(step ?? 0)));
  });
}
