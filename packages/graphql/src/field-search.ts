import type { RoutePattern } from '@coalmine/node';
import type { Definition, Directive, Document, OperationDefinition, Selection, Value, Variables } from './graphql.js';

/** An operation as a client has sent it. */
export interface SentOperation {
  readonly document: Document;
  readonly operation: OperationDefinition;
  readonly variables: Variables | null | undefined;
}

/** The routes of the fields of a root type, by their names. */
export type Routes = ReadonlyMap<string, RoutePattern>;

/**
 * Returns the route of the first root field of an operation that is not excluded. An operation is excluded only if all
 * of its fields are: no client can hide a field behind another one. Returns `'introspection'` for an operation that
 * asks only for the schema, and `undefined` for an operation without fields.
 */
export function findRoute(sent: SentOperation, routes: Routes): RoutePattern | 'introspection' | undefined {
  const { selections } = sent.operation.selectionSet;
  const [first] = selections;
  // Most operations ask for one field, with no condition.
  if (first?.kind === 'Field' && !first.directives?.length) {
    const route = routes.get(first.name?.value ?? '');
    if (route !== undefined && !route.isExcluded) return route;
  }
  const search = new FieldSearch(sent, routes);
  return search.in(selections) ?? search.excluded ?? (search.isIntrospection ? 'introspection' : undefined);
}

class FieldSearch {
  /** The first excluded field. */
  excluded: RoutePattern | undefined;
  isIntrospection = false;
  readonly #sent: SentOperation;
  readonly #routes: Routes;
  // Fragments may refer to each other many times, and in an invalid document without end.
  readonly #visited = new Set<string>();
  #fragments: ReadonlyMap<string, Definition> | undefined;
  #defaults: ReadonlyMap<string, Value | undefined> | undefined;

  constructor(sent: SentOperation, routes: Routes) {
    this.#sent = sent;
    this.#routes = routes;
  }

  in(selections: readonly Selection[]): RoutePattern | undefined {
    for (const selection of selections) {
      const found = this.#isIncluded(selection.directives) ? this.#selection(selection) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A fragment at the root of a valid operation applies to the root type, whatever its condition is. */
  #selection({ kind, name, selectionSet }: Selection): RoutePattern | undefined {
    if (kind === 'Field') return this.#field(name?.value ?? '');
    if (kind === 'FragmentSpread') return this.#fragment(name?.value ?? '');
    return selectionSet && this.in(selectionSet.selections);
  }

  #field(name: string): RoutePattern | undefined {
    const route = this.#routes.get(name);
    if (route === undefined) this.isIntrospection ||= name.startsWith('__');
    if (route?.isExcluded !== true) return route;
    this.excluded ??= route;
    return undefined;
  }

  #fragment(name: string): RoutePattern | undefined {
    if (this.#visited.has(name)) return undefined;
    this.#visited.add(name);
    this.#fragments ??= fragmentsOf(this.#sent.document);
    const selectionSet = this.#fragments.get(name)?.selectionSet;
    return selectionSet && this.in(selectionSet.selections);
  }

  #isIncluded(directives: readonly Directive[] = []): boolean {
    return directives.every((directive) => {
      const name = directive.name.value;
      if (name !== 'skip' && name !== 'include') return true;
      const condition = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
      return condition === undefined || this.#isTrue(condition) === (name === 'include');
    });
  }

  #isTrue(value: Value): boolean {
    if (value.kind !== 'Variable') return value.value === true;
    const name = value.name?.value ?? '';
    const variables = this.#sent.variables ?? {};
    if (Object.hasOwn(variables, name)) return variables[name] === true;
    this.#defaults ??= defaultsOf(this.#sent.operation);
    return this.#defaults.get(name)?.value === true;
  }
}

// A client can send a document of any size, so nothing is searched twice.

function fragmentsOf({ definitions }: Document): ReadonlyMap<string, Definition> {
  const fragments = definitions.filter(({ kind }) => kind === 'FragmentDefinition');
  return new Map(fragments.map((fragment) => [fragment.name?.value ?? '', fragment]));
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinition): ReadonlyMap<string, Value | undefined> {
  return new Map(variableDefinitions.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]));
}
