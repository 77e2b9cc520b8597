import { memoize } from '../../memoize.js';

/** A reference to a template in a Rollout, an Experiment or a template. */
export interface TemplateReference {
  readonly templateName?: string;
  readonly clusterScope?: boolean;
}

/** An AnalysisTemplate or a ClusterAnalysisTemplate. */
export interface Referable {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** The result of resolving a reference among the known templates. */
export type Resolution<T> =
  | { readonly kind: 'found'; readonly template: T }
  /** There is one of this name, in the other scope. */
  | { readonly kind: 'other-scope'; readonly template: T }
  /** There are some of this name, in other namespaces. */
  | { readonly kind: 'other-namespace'; readonly template: T }
  | { readonly kind: 'unknown' };

/**
 * Finds the template that a reference names, from a namespace. As in Argo Rollouts, a ClusterAnalysisTemplate is found
 * only with `clusterScope: true`, and an AnalysisTemplate only in the namespace of the object with the reference. A
 * manifest without a namespace gets one when it is applied.
 */
export function resolveReference<T extends Referable>(
  { templateName, clusterScope = false }: TemplateReference,
  namespace: string | undefined,
  templates: readonly T[],
): Resolution<T> {
  const named = templateName === undefined ? [] : ((byName(templates).get(templateName) ?? []) as readonly T[]);
  const ofScope = named.filter(({ kind }) => (SCOPES.get(kind) === 'cluster') === clusterScope);
  const isNear = (template: T): boolean =>
    clusterScope || namespace === undefined || template.namespace === undefined || template.namespace === namespace;
  const template = ofScope.find((each) => each.namespace === namespace) ?? ofScope.find(isNear);
  if (template !== undefined) return { kind: 'found', template };
  const [other = named[0]] = ofScope;
  if (other === undefined) return { kind: 'unknown' };
  return { kind: ofScope.length > 0 ? 'other-namespace' : 'other-scope', template: other };
}

/** Returns the templates with each name. The same templates are often searched, once for each reference. */
const byName = memoize((templates: readonly Referable[]): ReadonlyMap<string, readonly Referable[]> => {
  const named = new Map<string, Referable[]>();
  for (const template of templates) {
    if (!SCOPES.has(template.kind)) continue;
    const namesakes = named.get(template.name) ?? [];
    namesakes.push(template);
    named.set(template.name, namesakes);
  }
  return named;
});

const SCOPES: ReadonlyMap<string, 'namespace' | 'cluster'> = new Map([
  ['AnalysisTemplate', 'namespace'],
  ['ClusterAnalysisTemplate', 'cluster'],
]);

/** How references between templates are followed. */
interface Following<T> {
  /** Returns the references in a template. */
  referencesOf(template: T): readonly TemplateReference[];
  /** Returns the namespace in which they are resolved; `undefined` if it depends on the run. */
  namespaceOf(template: T): string | undefined;
  /** Called with a reference that the controller does not find among the known templates. */
  missing(template: T, reference: TemplateReference): void;
}

/** Returns templates with the templates that they name, recursively, each once. */
export function withNamed<T extends Referable>(
  templates: Iterable<T>,
  known: readonly T[],
  { referencesOf, namespaceOf, missing }: Following<T>,
): readonly T[] {
  const found = new Set(templates);
  // The loop also visits elements that are added on the way.
  for (const template of found) {
    for (const reference of referencesOf(template)) {
      const resolution = resolveReference(reference, namespaceOf(template), known);
      if (resolution.kind === 'found') found.add(resolution.template);
      else missing(template, reference);
    }
  }
  return [...found];
}
