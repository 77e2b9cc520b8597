import SCHEMAS from './schemas.json' with { type: 'json' };

/** A structural schema: the requirements of an API server for a value. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema | Reference>>;
  readonly additionalProperties?: Schema | Reference;
  readonly items?: Schema | Reference;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  /** The API server keeps the value unchanged; only the controller reads it. */
  readonly 'x-coalmine-unchecked'?: boolean;
}

/** A schema that is used in several places, by its index. */
export interface Reference {
  readonly $ref: number;
}

interface Schemas {
  readonly kinds: Readonly<Record<string, Schema | Reference>>;
  readonly definitions: readonly Schema[];
}

const { kinds, definitions } = SCHEMAS as unknown as Schemas;

/** Returns the schema of a kind; `undefined` for a kind that belongs neither to Argo Rollouts nor to Flagger. */
export function schemaOf(apiVersion: string, kind: string): Schema | undefined {
  const name = `${apiVersion}/${kind}`;
  const schema = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  return schema === undefined ? undefined : resolveSchema(schema);
}

/** Returns the kinds that have a schema, with their API versions. */
export function knownKinds(): readonly { readonly apiVersion: string; readonly kind: string }[] {
  return Object.keys(kinds).map((name) => {
    const slash = name.lastIndexOf('/');
    return { apiVersion: name.slice(0, slash), kind: name.slice(slash + 1) };
  });
}

/** Returns the schema itself, also for a reference. */
export function resolveSchema(schema: Schema | Reference): Schema {
  return '$ref' in schema ? (definitions[schema.$ref] ?? {}) : schema;
}

/** Returns the schema of a field; `undefined` if the schema has no such field. */
export function fieldSchema(schema: Schema, name: string): Schema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, name)) {
    const field = properties[name];
    if (field !== undefined) return resolveSchema(field);
  }
  return additionalProperties === undefined ? undefined : resolveSchema(additionalProperties);
}
