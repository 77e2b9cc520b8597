import { InvalidArgumentError, type Option } from 'commander';
import { isAddress } from '../address.js';
import { epochSeconds } from '../controllers/clock.js';
import { nanoseconds } from '../go/duration.js';

/** A flag, with the path of the option that it sets. */
export type Flag = readonly [path: string, flag: Option];

/** Adds the value of a flag that may be given again. */
export function several(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Returns the value of a flag as a number. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** Returns the value of a flag as a whole number of at least 1. */
export function countOf(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return value;
}

/** Returns the address of a trace, with `{trace_id}` in place of its id. */
export function traceUrlOf(text: string): string {
  if (isAddress(text) && text.includes('{trace_id}')) return text;
  throw new InvalidArgumentError(
    'It must be an address with http:// or https:// and {trace_id} in it, such as http://jaeger:16686/trace/{trace_id}.',
  );
}

/** Returns the value of a flag as a list of numbers, from text with commas. */
export function listOf(text: string): readonly number[] {
  return text.split(',').map(numberOf);
}

/** Returns a parser of a flag that may be given again, each time with a name and a value. */
export function pairsOf(
  separator: '=' | ':',
): (text: string, before?: Readonly<Record<string, string>>) => Readonly<Record<string, string>> {
  return (text, before = {}) => {
    const at = text.indexOf(separator);
    if (at < 1) throw new InvalidArgumentError(`It must be a name and a value with ${separator} between them.`);
    return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
  };
}

/** Returns a duration in seconds: `90s`, `1h30m`. */
export function secondsOf(text: string): number {
  try {
    return nanoseconds(text) / 1e9;
  } catch {
    throw new InvalidArgumentError('It must be a duration, such as 90s or 1h30m.');
  }
}

/** Returns a time in epoch seconds, from a date, epoch seconds, or a duration before now. */
export function timeOf(text: string): number {
  if (text.startsWith('-')) return epochSeconds() + secondsOf(text);
  if (/^\d{9,11}(?:\.\d+)?$/.test(text)) return Number(text);
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) {
    throw new InvalidArgumentError('It must be a time, such as 2026-01-20T14:00:00Z, or -1h for an hour ago.');
  }
  return milliseconds / 1000;
}
