import { isMapping } from '@coalmine/options';
import { type Fault, showPath, showValue } from '../fault.js';
import { isDirective, isPatch } from '../patch.js';
import type { Mapping } from '../read.js';
import type { Path } from '../yaml.js';
import { fieldSchema, resolveSchema, type Schema } from './schema.js';
import { suggestField } from './suggest-field.js';

const INT32 = 2 ** 31;
// Amounts of CPU and memory, which may have more bits.
const QUANTITIES: readonly unknown[] = ['limits', 'requests', 'overhead', 'sizeLimit', 'divisor'];
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Returns why an API server refuses an object of a kind, by the schema of the kind. */
export function checkSchema(kind: string, root: Schema, object: Mapping): readonly Fault[] {
  const faults: Fault[] = [];
  checkMapping(object, root, [], true);
  return faults;

  function check(value: unknown, schema: Schema, path: Path, isChecked: boolean): void {
    const isServers = isChecked && schema['x-coalmine-unchecked'] !== true;
    const wanted = wantedOf(value, schema);
    if (wanted !== undefined)
      return report('wrong-type', path, `must be ${wanted}, got ${typeOf(value)}`, `write ${wanted}`, isServers);
    checkValue(value, schema, path, isServers);
    if (Array.isArray(value)) checkList(value, schema, path, isServers);
    else if (isMapping(value)) checkMapping(value, schema, path, isServers);
  }

  function checkValue(value: unknown, schema: Schema, path: Path, isServers: boolean): void {
    const { minimum, maximum, maxItems } = schema;
    const refuse: RefuseValue = (why, repair) =>
      report('refused-value', path, `is ${showValue(value)}, ${why}`, repair, isServers);
    if (schema.enum !== undefined && !schema.enum.includes(value)) {
      const values = schema.enum.filter((each) => each !== '').join(', ');
      return refuse(`which is none of ${values}`, `write one of ${values}`);
    }
    if (typeof value === 'string') checkText(value, schema, refuse);
    if (typeof value === 'number') {
      const mayBeText = schema['x-kubernetes-int-or-string'] === true && !path.some((key) => QUANTITIES.includes(key));
      if ((mayBeText || schema.format === 'int32') && (value < -INT32 || value >= INT32)) {
        const consequence = mayBeText
          ? `the controller cannot read the ${kind}`
          : 'the controller reads another number';
        const message = `${showPath(path)} is ${value}, which has more than 32 bits: ${consequence}`;
        faults.push({ rule: 'refused-value', path, message, repair: `write a number from ${-INT32} to ${INT32 - 1}` });
        return;
      }
      if (minimum !== undefined && value < minimum) return refuse(`below ${minimum}`, `write ${minimum} or more`);
      if (maximum !== undefined && value > maximum) return refuse(`above ${maximum}`, `write ${maximum} or less`);
    }
    if (maxItems !== undefined && Array.isArray(value) && value.length > maxItems) {
      report('refused-value', path, `has ${value.length} items`, `leave ${maxItems} at most`, isServers);
    }
  }

  function checkList(list: readonly unknown[], schema: Schema, path: Path, isServers: boolean): void {
    if (schema.items === undefined) return;
    const items = resolveSchema(schema.items);
    for (const [i, item] of list.entries()) check(item, items, [...path, i], isServers);
    const keys = schema['x-kubernetes-list-map-keys'];
    // An API server unites what is repeated in the metadata.
    if ((keys === undefined && schema['x-kubernetes-list-type'] !== 'set') || path[0] === 'metadata') return;
    const seen = new Set<string>();
    for (const [i, item] of list.entries()) {
      const identity = keys === undefined ? [item] : keys.map((key) => valueAt(item, key, items));
      const id = JSON.stringify(identity);
      if (seen.has(id)) {
        const shown = identity.map(showValue).join(', ');
        const what = keys === undefined ? shown : `${keys.join(' and ')} ${shown}`;
        const repair = 'remove one of the two, or give it another name';
        report('refused-value', [...path, i], `repeats ${what}`, repair, isServers);
      }
      seen.add(id);
    }
  }

  function checkMapping(mapping: Mapping, schema: Schema, path: Path, isServers: boolean): void {
    const isOpen =
      schema['x-kubernetes-preserve-unknown-fields'] === true ||
      (schema.properties === undefined && schema.additionalProperties === undefined && schema.type === undefined);
    for (const [name, value] of Object.entries(mapping)) {
      if (isDirective(name)) continue;
      const field = fieldSchema(schema, name);
      if (field !== undefined) {
        // The API server treats a field with null as absent.
        if (value !== null) check(value, field, [...path, name], isServers);
      } else if (!isOpen) {
        reportUnknown(name, mapping, schema, path, isServers);
      }
    }
    if (isPatch(mapping)) return;
    lacks(mapping, schema.required ?? [], schema, path, isServers);
    checkAlternatives(mapping, schema, path, isServers);
  }

  function reportUnknown(name: string, mapping: Mapping, schema: Schema, path: Path, isServers: boolean): void {
    const where = path.length === 0 ? `a ${kind}` : showPath(path);
    const { repair, meant } = suggestField(root, schema, [...path, name], Object.keys(mapping));
    faults.push({
      rule: 'unknown-field',
      path: [...path, name],
      message: isServers
        ? `${where} has no field ${name}: kubectl apply refuses the ${kind}, and an API server that is not strict drops the field`
        : `${where} has no field ${name}: the API server keeps the field, but the controller ignores it`,
      repair,
      ...(meant === undefined ? {} : { fields: [meant] }),
    });
  }

  function lacks(mapping: Mapping, required: readonly string[], schema: Schema, path: Path, isServers: boolean): void {
    const missing = required.filter((name) => !has(mapping, name) && fieldSchema(schema, name)?.default === undefined);
    for (const name of missing) report('missing-field', path, `lacks ${name}`, `add ${name}`, isServers, [name]);
  }

  /** Checks `oneOf`, `anyOf` and `not`, which say which fields go together. */
  function checkAlternatives(mapping: Mapping, schema: Schema, path: Path, isServers: boolean): void {
    if (schema.not !== undefined && satisfies(mapping, schema.not)) {
      report('refused-together', path, 'has fields that exclude each other', 'remove one of them', isServers);
    }
    const alternatives = schema.oneOf ?? schema.anyOf;
    if (alternatives === undefined) return;
    const required = alternatives.map((each) => each.required ?? []);
    const common = (required[0] ?? []).filter((name) => required.every((names) => names.includes(name)));
    lacks(mapping, common, schema, path, isServers);
    const whole = { ...Object.fromEntries(common.map((name) => [name, true])), ...mapping };
    const matching = alternatives.filter((each) => satisfies(whole, each));
    if (matching.length === 1 || (schema.oneOf === undefined && matching.length > 0)) return;
    const choices = [...new Set(required.flat())].filter((name) => !common.includes(name));
    if (matching.length === 0) {
      report(
        'missing-field',
        path,
        `needs ${choices.join(' or ')}`,
        `add one of ${choices.join(', ')}`,
        isServers,
        choices,
      );
    } else {
      const present = choices.filter((name) => has(mapping, name));
      report(
        'refused-together',
        path,
        `has ${present.join(' and ')}, which exclude each other`,
        'keep one of them',
        isServers,
      );
    }
  }

  function report(
    rule: Fault['rule'],
    path: Path,
    what: string,
    repair: string,
    isServers: boolean,
    fields?: readonly string[],
  ): void {
    const where = path.length === 0 ? `the ${kind}` : showPath(path);
    const who = isServers ? `the API server refuses the ${kind}` : `the controller cannot read the ${kind}`;
    faults.push({
      rule,
      path,
      message: `${where} ${what}: ${who}`,
      repair,
      ...(fields === undefined ? {} : { fields }),
    });
  }
}

type RefuseValue = (why: string, repair: string) => void;

function checkText(text: string, { pattern, minLength = 0, maxLength, format }: Schema, refuse: RefuseValue): void {
  if (pattern !== undefined && !new RegExp(pattern).test(text)) {
    return refuse(`which does not match ${pattern}`, `write a text that matches ${pattern}`);
  }
  if (text.length < minLength || text.length > (maxLength ?? Number.POSITIVE_INFINITY)) {
    return refuse(
      `which has ${text.length} characters`,
      `write ${maxLength === undefined ? `${minLength} or more` : `${minLength} to ${maxLength}`} characters`,
    );
  }
  if (format === 'date-time' && !DATE_TIME.test(text)) {
    return refuse('which is not a time in the form of RFC 3339', 'write a time such as 2026-01-31T12:00:00Z');
  }
}

/** Returns a field of an item of a list, or its default. */
function valueAt(item: unknown, key: string, items: Schema): unknown {
  return isMapping(item) ? (item[key] ?? fieldSchema(items, key)?.default) : undefined;
}

/** Whether a value is a number that Kubernetes reads as an integer, of 64 bits at most. */
function isWhole(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 63;
}

/** Returns what a value must be, if it is something else. */
function wantedOf(value: unknown, schema: Schema): string | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return typeof value === 'string' || isWhole(value) ? undefined : 'an integer or a string';
  }
  switch (schema.type) {
    case 'object':
      return isMapping(value) ? undefined : 'a mapping';
    case 'array':
      return Array.isArray(value) ? undefined : 'a list';
    case 'string':
      return typeof value === 'string' ? undefined : 'a string';
    case 'integer':
      return isWhole(value) ? undefined : 'an integer';
    case 'number':
      return typeof value === 'number' ? undefined : 'a number';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    default:
      return undefined;
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? `the string ${JSON.stringify(value).slice(0, 60)}` : String(value);
}

/** Whether a mapping fulfils an alternative. */
function satisfies(mapping: Mapping, { required = [], properties = {}, oneOf, anyOf, not }: Schema): boolean {
  return (
    required.every((name) => has(mapping, name)) &&
    Object.entries(properties).every(([name, field]) => {
      const value = mapping[name];
      return !isMapping(value) || satisfies(value, resolveSchema(field));
    }) &&
    (oneOf === undefined || oneOf.filter((each) => satisfies(mapping, each)).length === 1) &&
    (anyOf === undefined || anyOf.some((each) => satisfies(mapping, each))) &&
    (not === undefined || !satisfies(mapping, not))
  );
}

function has(mapping: Mapping, name: string): boolean {
  return Object.hasOwn(mapping, name) && mapping[name] !== undefined && mapping[name] !== null;
}
