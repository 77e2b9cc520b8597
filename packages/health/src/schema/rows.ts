import type { Row } from './client.js';
import type { SchemaReading } from './source.js';

/** Returns the reading of a tool that records the state of each migration. */
export function readRecorded(rows: readonly Row[]): SchemaReading {
  return {
    applied: inState(rows, 'applied'),
    failed: inState(rows, 'failed'),
    unfinished: inState(rows, 'unfinished'),
  };
}

/** Returns the names of the rows in a state. */
export function inState(rows: readonly Row[], wanted: string): string[] {
  return rows.filter(({ state }) => state === wanted).map(nameOf);
}

export function nameOf({ name }: Row): string {
  return String(name);
}

/** Returns the names of versions that are not names themselves, spelled like file names. */
export function titlesOf(rows: readonly Row[]): ReadonlyMap<string, string> {
  return new Map(rows.map(({ name, title }) => [String(name), titleOf(title)]));
}

export function titleOf(title: unknown): string {
  return String(title).replaceAll(' ', '_');
}
