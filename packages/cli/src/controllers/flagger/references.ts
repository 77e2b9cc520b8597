/** What can be named: a MetricTemplate. */
interface Referable {
  readonly name: string;
  readonly namespace?: string;
}

/** How a metric of a Canary names its template. */
export interface TemplateRef {
  readonly name?: string;
  readonly namespace?: string;
}

/**
 * Finds the MetricTemplate that a Canary in a namespace names: in that namespace, or in the one that is named with it. A
 * manifest without a namespace leaves the namespace to whoever applies it.
 */
export function templateOf<T extends Referable>(
  reference: TemplateRef | undefined,
  namespace: string | undefined,
  templates: readonly T[],
): T | undefined {
  if (reference === undefined) return undefined;
  const wanted = reference.namespace || namespace;
  const named = templates.filter(({ name }) => name === reference.name);
  const isNear = (template: T): boolean =>
    wanted === undefined || template.namespace === undefined || template.namespace === wanted;
  return named.find((template) => template.namespace === wanted) ?? named.find(isNear);
}
