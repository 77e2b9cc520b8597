/** The names of the providers that a metric has; each plugin is one. Argo Rollouts wants exactly one. */
export function providersOf(provider: unknown): readonly string[] {
  if (typeof provider !== 'object' || provider === null) return [];
  return Object.entries(provider).flatMap(([name, settings]: [string, unknown]) => {
    if (settings === undefined || settings === null) return [];
    return name === 'plugin' && typeof settings === 'object' ? Object.keys(settings) : [name];
  });
}
