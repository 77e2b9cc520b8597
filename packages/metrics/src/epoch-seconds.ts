/** Returns the current time in epoch seconds. */
export function epochSeconds(): number {
  return Date.now() / 1000;
}
