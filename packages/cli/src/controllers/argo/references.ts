/** How a Rollout, an Experiment or a template names a template. */
export interface TemplateReference {
  readonly templateName?: string;
  readonly clusterScope?: boolean;
}

/** What can be named: an AnalysisTemplate or a ClusterAnalysisTemplate. */
export interface Referable {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** What became of a reference among the templates that are known. */
export type Resolution<T> =
  | { readonly kind: 'found'; readonly template: T }
  /** There is one of the name, of the other scope. */
  | { readonly kind: 'other-scope'; readonly template: T }
  /** There are some of the name, in other namespaces. */
  | { readonly kind: 'other-namespace'; readonly template: T }
  | { readonly kind: 'unknown' };

/**
 * Finds the template that a reference names, from a namespace. As Argo Rollouts does, a ClusterAnalysisTemplate is found
 * with `clusterScope: true` alone, and an AnalysisTemplate in the namespace of whoever names it. A manifest without a
 * namespace leaves the namespace to whoever applies it.
 */
export function resolveReference<T extends Referable>(
  { templateName, clusterScope = false }: TemplateReference,
  namespace: string | undefined,
  templates: readonly T[],
): Resolution<T> {
  const named = templates.filter(({ name, kind }) => name === templateName && SCOPES.has(kind));
  const ofScope = named.filter(({ kind }) => (SCOPES.get(kind) === 'cluster') === clusterScope);
  const isNear = (template: T): boolean =>
    clusterScope || namespace === undefined || template.namespace === undefined || template.namespace === namespace;
  const template = ofScope.find((each) => each.namespace === namespace) ?? ofScope.find(isNear);
  if (template !== undefined) return { kind: 'found', template };
  const [other = named[0]] = ofScope;
  if (other === undefined) return { kind: 'unknown' };
  return { kind: ofScope.length > 0 ? 'other-namespace' : 'other-scope', template: other };
}

const SCOPES: ReadonlyMap<string, 'namespace' | 'cluster'> = new Map([
  ['AnalysisTemplate', 'namespace'],
  ['ClusterAnalysisTemplate', 'cluster'],
]);

/** A template, and how it names others. */
interface Naming extends Referable {
  readonly references: readonly TemplateReference[];
}

/**
 * The templates of a run, with those that they name, and so on, each once. `missing` hears of a reference that the
 * controller does not find among those that are known.
 */
export function withNamed<T extends Naming>(
  templates: readonly T[],
  known: readonly T[],
  missing: (by: T, reference: TemplateReference) => void,
): readonly T[] {
  const found = new Set(templates);
  for (const template of found) {
    for (const reference of template.references) {
      const namespace = template.kind === 'ClusterAnalysisTemplate' ? undefined : template.namespace;
      const resolution = resolveReference(reference, namespace, known);
      // A set is walked up to what is added on the way.
      if (resolution.kind === 'found') found.add(resolution.template);
      else missing(template, reference);
    }
  }
  return [...found];
}
