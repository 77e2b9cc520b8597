/** Returns the value of an option as an integer of at least 1. */
export function readCount(option, text) {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${option} must be a whole number from 1, got '${text}'`);
  return count;
}
