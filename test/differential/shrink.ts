/**
 * Returns a smaller value that still fails: entries of its arrays are left out for as long as that is so, at any depth.
 * After `milliseconds` it returns the smallest value found by then.
 */
export async function shrink<T>(value: T, fails: (smaller: T) => Promise<boolean>, milliseconds: number): Promise<T> {
  const deadline = Date.now() + milliseconds;
  let smallest = value;
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    let paths = entriesOf(smallest, []);
    // From the end, so that the paths of entries before an entry stay the same without the entry.
    for (let i = paths.length - 1; i >= 0; i--) {
      if (Date.now() > deadline) return smallest;
      const smaller = without(smallest, paths[i] ?? []) as T;
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      hasChanged = true;
      paths = entriesOf(smallest, []);
      i = Math.min(i, paths.length);
    }
  }
  return smallest;
}

type Path = readonly (string | number)[];

/** Returns the paths to all entries of arrays. */
function entriesOf(value: unknown, at: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const path = [...at, Array.isArray(value) ? Number(key) : key];
    return [...(Array.isArray(value) ? [path] : []), ...entriesOf(each, path)];
  });
}

function without(value: unknown, [key, ...rest]: Path): unknown {
  if (Array.isArray(value)) {
    return rest.length === 0
      ? value.filter((_, i) => i !== key)
      : value.map((each, i) => (i === key ? without(each, rest) : each));
  }
  return { ...(value as object), [key as string]: without((value as Record<string, unknown>)[key as string], rest) };
}
