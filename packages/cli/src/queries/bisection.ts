/**
 * Returns the least number between two, to a precision, for which a condition holds. The condition must hold for all
 * numbers above one for which it holds, and for `high`.
 */
export function leastThat(holds: (value: number) => boolean, low: number, high: number, precision: number): number {
  let [below, least] = [low, high];
  while (least - below > precision) {
    const middle = (below + least) / 2;
    if (holds(middle)) least = middle;
    else below = middle;
  }
  return least;
}
