import { InvalidArgumentError } from 'commander';

/** A flag's value as a number. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** A flag's value as numbers with commas between them. */
export function listOf(text: string): readonly number[] {
  return text.split(',').map(numberOf);
}
