/** Yields an error and the causes that it names, under any of the names that database libraries use for a cause. */
export function* causesOf(error: unknown): Generator<Readonly<Record<string, unknown>>, void, undefined> {
  const seen = new Set<unknown>();
  const open: unknown[] = [error];
  while (open.length > 0 && seen.size < 20) {
    const each = open.shift();
    if (typeof each !== 'object' || each === null || seen.has(each)) continue;
    seen.add(each);
    const record = each as Readonly<Record<string, unknown>>;
    yield record;
    open.push(...directCausesOf(record));
  }
}

/** Returns the causes that an error itself names, including members that are not objects. */
export function directCausesOf(error: Readonly<Record<string, unknown>>): readonly unknown[] {
  return CAUSES.flatMap((key) => error[key]);
}

// Node, Drizzle; Node with several addresses; Sequelize; TypeORM; Prisma.
const CAUSES = ['cause', 'errors', 'original', 'parent', 'driverError', 'meta', 'driverAdapterError'] as const;
