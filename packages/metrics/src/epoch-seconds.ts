/** Epoch seconds, now. */
export function epochSeconds(): number {
  return Date.now() / 1000;
}
