/** A MetricTemplate. */
interface Referable {
  readonly name: string;
  readonly namespace?: string;
}

/** The reference of a metric of a Canary to its template. */
export interface TemplateRef {
  readonly name?: string;
  readonly namespace?: string;
}

/**
 * Finds the MetricTemplate that a Canary in a namespace names: in that namespace, or in the namespace of the reference.
 * A manifest without a namespace gets one when it is applied.
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
