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

/** How the names that templates have in them are followed. */
interface Following<T> {
  /** The references that a template has in it. */
  referencesOf(template: T): readonly TemplateReference[];
  /** The namespace that they are looked for from; `undefined` where whoever runs the template says it. */
  namespaceOf(template: T): string | undefined;
  /** Hears of a reference that the controller does not find among the templates that are known. */
  missing(template: T, reference: TemplateReference): void;
}

/** Templates with those that they name, and so on, each once. */
export function withNamed<T extends Referable>(
  templates: Iterable<T>,
  known: readonly T[],
  { referencesOf, namespaceOf, missing }: Following<T>,
): readonly T[] {
  const found = new Set(templates);
  // A set is walked up to what is added on the way.
  for (const template of found) {
    for (const reference of referencesOf(template)) {
      const resolution = resolveReference(reference, namespaceOf(template), known);
      if (resolution.kind === 'found') found.add(resolution.template);
      else missing(template, reference);
    }
  }
  return [...found];
}
