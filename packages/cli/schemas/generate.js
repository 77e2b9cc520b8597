// Writes src/controllers/schema/schemas.json: the schemas that an API server holds Rollouts, Canaries and their templates to,
// compacted. CONTRIBUTING in the README of the repository says where the inputs come from.
//
//   node packages/cli/schemas/generate.js <argo-rollouts> <flagger> <kubernetes>
//
// The three arguments are checkouts (or Go module folders) of the versions in VERSIONS.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const VERSIONS = { 'argo-rollouts': '1.10.1', flagger: '1.44.0', kubernetes: '1.34.4' };

const ARGO_CRDS = ['rollout', 'analysis-template', 'cluster-analysis-template', 'analysis-run', 'experiment'];

// What a structural schema is checked by. Everything else, descriptions foremost, is left out.
const KEYWORDS = [
  'type',
  'format',
  'required',
  'enum',
  'default',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'maxItems',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
];

// The API server knows these formats; it ignores others, such as `url`.
const FORMATS = ['int32', 'int64', 'date-time'];

const [argo, flagger, kubernetes] = process.argv.slice(2);
if (kubernetes === undefined) {
  process.stderr.write('usage: node generate.js <argo-rollouts> <flagger> <kubernetes>\n');
  process.exit(2);
}

const swagger = JSON.parse(readFileSync(join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8')).definitions;
const crds = [
  ...ARGO_CRDS.map((name) => join(argo, `manifests/crds/${name}-crd.yaml`)),
  join(flagger, 'artifacts/flagger/crd.yaml'),
].flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS()));

const kinds = Object.fromEntries(
  crds.map(({ spec }) => {
    const [{ name: version, schema }] = spec.versions;
    const { properties, ...root } = schema.openAPIV3Schema;
    const full = compact({ ...root, properties: { ...properties, status: {} } });
    // The CRDs leave metadata to the API server, which checks it for every kind.
    full.properties.metadata = fromSwagger('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
    full.properties.status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    return [`${spec.group}/${version}/${spec.names.kind}`, full];
  }),
);
const text = `${JSON.stringify({ versions: VERSIONS, ...shared(kinds) }, null, 1)}\n`;
writeFileSync(new URL('../src/controllers/schema/schemas.json', import.meta.url), text);

/** The keywords of a schema that are checked. */
function compact(schema, name) {
  const kept = Object.fromEntries(KEYWORDS.flatMap((key) => (schema[key] === undefined ? [] : [[key, schema[key]]])));
  if (!FORMATS.includes(kept.format)) delete kept.format;
  // Of the other list types nothing is checked.
  if (!['map', 'set'].includes(kept['x-kubernetes-list-type'])) delete kept['x-kubernetes-list-type'];
  if (schema.properties !== undefined) {
    kept.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, of]) => [key, compact(of, key)]));
  }
  if (schema.items !== undefined) kept.items = compact(schema.items);
  if (typeof schema.additionalProperties === 'object') {
    kept.additionalProperties = compact(schema.additionalProperties);
  }
  if (!kept['x-kubernetes-int-or-string']) {
    for (const key of ['oneOf', 'anyOf']) {
      if (schema[key] !== undefined) kept[key] = schema[key].map((each) => compact(each));
    }
    if (schema.not !== undefined) kept.not = compact(schema.not);
  }
  // The CRDs leave the volumes of pods unchecked; Kubernetes itself says what they are.
  if (name === 'volumes' && kept['x-kubernetes-preserve-unknown-fields']) {
    return { type: 'array', items: fromSwagger('io.k8s.api.core.v1.Volume'), 'x-coalmine-unchecked': true };
  }
  return kept;
}

/** A definition of Kubernetes' own API, as a structural schema. */
function fromSwagger(name) {
  if (name.endsWith('.Quantity') || name.endsWith('.IntOrString')) return { 'x-kubernetes-int-or-string': true };
  if (name.endsWith('.FieldsV1')) return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return compact(resolved(swagger[name]));
}

function resolved(schema) {
  if (schema.$ref !== undefined) return fromSwagger(schema.$ref.replace('#/definitions/', ''));
  const mapped = { ...schema };
  if (schema.properties !== undefined) {
    mapped.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, of]) => [key, resolved(of)]));
  }
  if (schema.items !== undefined) mapped.items = resolved(schema.items);
  if (typeof schema.additionalProperties === 'object') {
    mapped.additionalProperties = resolved(schema.additionalProperties);
  }
  return mapped;
}

/** Schemas with each part that stands in several places written once, under `definitions`, and named by its index. */
function shared(schemas) {
  const counts = new Map();
  count(schemas);
  const definitions = [];
  const indices = new Map();
  return { kinds: Object.fromEntries(Object.entries(schemas).map(([key, of]) => [key, written(of)])), definitions };

  function count(value) {
    if (typeof value !== 'object' || value === null) return;
    const key = JSON.stringify(value);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (counts.get(key) === 1) for (const each of Object.values(value)) count(each);
  }

  function written(schema) {
    const key = JSON.stringify(schema);
    if (counts.get(key) < 2 || key.length < 60) return parts(schema);
    if (!indices.has(key)) {
      const index = definitions.push(undefined) - 1;
      indices.set(key, index);
      definitions[index] = parts(schema);
    }
    return { $ref: indices.get(key) };
  }

  function parts(schema) {
    const mapped = { ...schema };
    if (schema.properties !== undefined) {
      mapped.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, of]) => [key, written(of)]));
    }
    for (const key of ['items', 'additionalProperties']) {
      if (schema[key] !== undefined) mapped[key] = written(schema[key]);
    }
    return mapped;
  }
}
