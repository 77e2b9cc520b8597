/**
 * The least number between two, to a precision, of which something holds. It must hold of all numbers above one at which it
 * holds, and of `high`.
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
