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
  const meant = templates.filter((template) => mayMean(reference, namespace, template));
  return meant.find((template) => template.namespace === (reference?.namespace || namespace)) ?? meant[0];
}

/** Whether a Canary in a namespace may mean a MetricTemplate by a reference. */
export function mayMean(
  reference: TemplateRef | undefined,
  namespace: string | undefined,
  template: Referable,
): boolean {
  const wanted = reference?.namespace || namespace;
  const isNear = wanted === undefined || template.namespace === undefined || template.namespace === wanted;
  return template.name === reference?.name && isNear;
}
