/** Returns the names of the providers of a metric; each plugin counts as one. Argo Rollouts requires exactly one. */
export function providersOf(provider: unknown): readonly string[] {
  if (typeof provider !== 'object' || provider === null) return [];
  return Object.entries(provider).flatMap(([name, settings]: [string, unknown]) => {
    if (settings === undefined || settings === null) return [];
    return name === 'plugin' && typeof settings === 'object' ? Object.keys(settings) : [name];
  });
}
