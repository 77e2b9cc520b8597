// The parts of graphql-js that are read, by shape: any version and any copy of it works.

/** A schema. */
export interface Schema {
  getQueryType(): RootType | null | undefined;
  getMutationType(): RootType | null | undefined;
  getSubscriptionType(): RootType | null | undefined;
}

/** The type that an operation starts with. */
export interface RootType {
  readonly name: string;
  getFields(): object;
}

/** A parsed document. */
export interface Document {
  readonly definitions: readonly Definition[];
}

/** An operation, a fragment, or something that is not executed. */
export interface Definition {
  readonly kind: string;
  readonly name?: Name | undefined;
  readonly selectionSet?: SelectionSet;
}

/** An operation of a document. */
export interface OperationDefinition extends Definition {
  readonly operation: OperationKind;
  readonly selectionSet: SelectionSet;
  readonly variableDefinitions?: readonly VariableDefinition[] | undefined;
}

export type OperationKind = 'query' | 'mutation' | 'subscription';

export interface Name {
  readonly value: string;
}

export interface SelectionSet {
  readonly selections: readonly Selection[];
}

/** A field, or a fragment: a spread has a name, and an inline fragment has selections. */
export interface Selection {
  readonly kind: string;
  readonly name?: Name | undefined;
  readonly directives?: readonly Directive[] | undefined;
  readonly selectionSet?: SelectionSet | undefined;
}

export interface Directive {
  readonly name: Name;
  readonly arguments?: readonly { readonly name: Name; readonly value: Value }[] | undefined;
}

/** A value; only variables and booleans are read. */
export interface Value {
  readonly kind: string;
  readonly name?: Name;
  readonly value?: unknown;
}

export interface VariableDefinition {
  readonly variable: { readonly name: Name };
  readonly defaultValue?: Value | undefined;
}

/** The values of variables, as a client has sent them. */
export type Variables = Readonly<Record<string, unknown>>;

/** Returns the operation of a document that is executed, or `undefined` if the document leaves that open. */
export function operationIn(document: Document, name: string | null | undefined): OperationDefinition | undefined {
  let found: OperationDefinition | undefined;
  for (const definition of document.definitions) {
    if (definition.kind !== 'OperationDefinition') continue;
    if (name) {
      if (definition.name?.value === name) return definition as OperationDefinition;
    } else if (found !== undefined) return undefined;
    else found = definition as OperationDefinition;
  }
  return found;
}
