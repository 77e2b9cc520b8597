import { showPath } from '../fault.js';
import type { Path } from '../yaml.js';
import { resolveSchema, type Schema } from './schema.js';

const MOST_NAMES = 12;

/** A suggestion for a field that a schema does not have. */
export interface Suggestion {
  readonly repair: string;
  /** The name of the field that was meant, if it is known. */
  readonly meant?: string;
}

/** Suggests a similar name, or the place where the field belongs. */
export function suggestField(root: Schema, schema: Schema, path: Path, present: readonly string[]): Suggestion {
  const name = String(path.at(-1));
  const known = Object.keys(schema.properties ?? {});
  const alike = nearest(
    name,
    known.filter((each) => !present.includes(each)),
  );
  if (alike !== undefined && alike.distance <= 2) return { repair: `write ${alike.name}`, meant: alike.name };
  const longer = known.find((each) => !present.includes(each) && isEndOf(name, each));
  if (longer !== undefined) return { repair: `write ${longer}`, meant: longer };
  const home = placeOf(root, name, path);
  if (home !== undefined) return { repair: `move ${name} to ${home}`, meant: name };
  if (alike !== undefined) return { repair: `write ${alike.name}`, meant: alike.name };
  if (known.length === 0) return { repair: `remove ${name}` };
  return {
    repair:
      known.length > MOST_NAMES
        ? `remove ${name}, or correct its name`
        : `remove ${name}; the fields here are ${known.join(', ')}`,
  };
}

/** Whether a name is the last word of another one, such as `name` of `templateName`. */
function isEndOf(name: string, longer: string): boolean {
  return name !== '' && longer.endsWith(name.charAt(0).toUpperCase() + name.slice(1));
}

/** Returns the most similar name, if any name is similar at all. */
export function nearest(
  name: string,
  names: readonly string[],
): { readonly name: string; readonly distance: number } | undefined {
  const most = Math.max(1, Math.floor(name.length / 3));
  const ranked = names
    .map((each) => ({ name: each, distance: distance(name.toLowerCase(), each.toLowerCase()) }))
    .filter((each) => each.distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0];
}

/** Returns how many letters must be inserted, deleted, replaced or swapped with their neighbour. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (isSame ? 0 : 1),
          isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
}

// The most steps, up and down, from a field to the mapping that it was meant for.
const FARTHEST = 4;
// Names that mean something else in each mapping. A Deployment has a type of strategy, a Rollout has none.
const COMMON_NAMES: readonly string[] = ['kind', 'name', 'type', 'value'];

/**
 * Returns the mappings that have a field of this name and are closest to `path`; `undefined` if no mapping has one. A field
 * of many mappings was hardly meant for one that is far away.
 */
function placeOf(root: Schema, name: string, path: Path): string | undefined {
  const isInPod = path.includes('template');
  const found: string[][] = [];
  walk(root, []);
  const holder = path.slice(0, -1).filter((key) => typeof key === 'string');
  const countShared = (each: readonly string[]): number => {
    const apart = each.findIndex((key, i) => key.replace('[]', '') !== holder[i]);
    return apart === -1 ? each.length : apart;
  };
  const steps = (each: readonly string[]): number => each.length + holder.length - 2 * countShared(each);
  const least = Math.min(...found.map(steps));
  const closest = found.filter((each) => steps(each) === least);
  const isAround = closest.some((each) => countShared(each) === each.length);
  const isCommon = found.length > 1 || COMMON_NAMES.includes(name);
  if (closest.length === 0 || (!isAround && least > (isCommon ? 1 : FARTHEST))) {
    // Such as the provider of a metric, whose kinds have the same fields.
    const parents = new Set(closest.map((each) => show(each.slice(0, -1))));
    return closest.length > 1 && least === 2 && parents.size === 1 ? `a part of ${[...parents].join('')}` : undefined;
  }
  return closest.map(show).join(' or ');

  function show(place: readonly string[]): string {
    return showPath(place).replaceAll('["', '.').replaceAll('"]', '');
  }

  function walk(schema: Schema, at: string[]): void {
    if (at.length > 0 && Object.hasOwn(schema.properties ?? {}, name)) found.push(at);
    for (const [key, field] of Object.entries(schema.properties ?? {})) {
      // Only pods have the thousand fields of pods.
      if (key === 'metadata' || key === 'status' || (key === 'template' && !isInPod)) continue;
      const of = resolveSchema(field);
      if (of.items === undefined) walk(of, [...at, key]);
      else walk(resolveSchema(of.items), [...at, `${key}[]`]);
    }
  }
}
