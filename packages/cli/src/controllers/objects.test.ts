import { describe, expect, it } from 'vitest';
import { isManifest, readObjects } from './objects.js';

const read = (text: string): ReturnType<typeof readObjects> => readObjects([{ file: 'x.yaml', text }]);

/** The spec of the only object of a text. */
function specOf(spec: string): unknown {
  const { objects, unread } = read(`kind: Canary\nmetadata: { name: shop }\nspec:\n${spec.replace(/^/gm, '  ')}`);
  expect(unread).toEqual([]);
  return objects[0]?.written['spec'];
}

describe('the reader of manifests', () => {
  it.each([
    ['a: yes\nb: on\nc: No\nd: off\ne: "yes"\nf: y', { a: true, b: true, c: false, d: false, e: 'yes', f: true }],
    ['a: 010\nb: 0O17\nc: 0x1F\nd: 1_000\ne: 1e3\nf: .5', { a: 8, b: 15, c: 31, d: 1000, e: 1000, f: 0.5 }],
    ['a: 2026-01-20\nb: 12:30\nc: ~\nd:', { a: '2026-01-20', b: '12:30', c: null, d: null }],
    ['a: &a { x: 1, z: 2 }\nb: { <<: *a, z: 3 }', { a: { x: 1, z: 2 }, b: { x: 1, z: 3 } }],
    // go-yaml takes keys in their order, so that what is merged counts more than what stands before it.
    ['a: &a { x: 1 }\nb: { x: 2, <<: *a }', { a: { x: 1 }, b: { x: 1 } }],
    ['a: [&a { x: 1 }, &b { x: 2, z: 3 }]\nb: { <<: [*a, *b] }', { a: [{ x: 1 }, { x: 2, z: 3 }], b: { x: 1, z: 3 } }],
    ['"<<": 1', { '<<': 1 }],
    ["a: 'first\nsecond'", { a: 'first second' }],
    ['__proto__: { a: 1 }', JSON.parse('{ "__proto__": { "a": 1 } }')],
  ])('reads %j as kubectl does', (text, spec) => {
    expect(specOf(text)).toEqual(spec);
  });

  it('skips the byte order mark of a file that was joined to another', () => {
    const { objects, unread } = read('kind: A\n---\n\ufeffkind: B\nspec: { text: "a\ufeffb" }\n');
    expect({ kinds: objects.map(({ kind }) => kind), unread }).toEqual({ kinds: ['A', 'B'], unread: [] });
    expect(objects[1]?.written['spec']).toEqual({ text: 'a\ufeffb' });
  });

  it('accepts an escaped slash in JSON, but not in YAML', () => {
    const json = read('{ "kind": "A", "spec": { "url": "http:\\/\\/x" } }');
    expect(json.objects[0]?.written['spec']).toEqual({ url: 'http://x' });
    expect(read('kind: A\nspec:\n  a: "c:\\\\/"\n').unread).toEqual([]);
    expect(read('kind: A\nspec:\n  a: "x\n    \\/healthz"\n').unread).toMatchObject([
      { line: 4, message: 'it escapes a slash (\\/) in double quotes' },
    ]);
  });

  it('reads many aliases without a search of the whole document for each', () => {
    const { objects } = read(`kind: A\nbase: &a { x: 1 }\nspec: [${Array(20_000).fill('*a').join(', ')}]\n`);
    expect(objects[0]?.written['spec']).toHaveLength(20_000);
  });

  it('opens lists, and lists within them, and knows the place of each object', () => {
    const text = `apiVersion: v1
kind: List
items:
- kind: Canary
  apiVersion: flagger.app/v1beta1
  metadata: { name: one, namespace: prod }
  spec:
    provider: istio
- apiVersion: flagger.app/v1beta1
  kind: MetricTemplateList
  items:
  - metadata: { name: two }
    spec:
      query: |
        first
        second
`;
    const { objects } = read(text);
    expect(objects.map(({ kind, name, namespace }) => [kind, name, namespace])).toEqual([
      ['Canary', 'one', 'prod'],
      ['MetricTemplate', 'two', undefined],
    ]);
    expect(objects[0]?.at(['spec', 'provider']).line).toBe(8);
    expect(objects[1]?.within(['spec', 'query'], 7).line).toBe(16);
  });

  it('reads several JSON objects without a separator, and knows the place of each', () => {
    const lines = read('{"kind": "A", "spec": {\n"text": "}{" }}\n{"kind": "B",\n"spec": {"n": 1}\n}\n');
    expect(lines.objects.map(({ kind, written }) => [kind, written['spec']])).toEqual([
      ['A', { text: '}{' }],
      ['B', { n: 1 }],
    ]);
    expect(lines.objects.map((object) => object.at(['spec']).line)).toEqual([1, 4]);
    const line = read('{"kind": "A"} {"kind": "B", "spec": 1}\n');
    expect(line.objects[1]?.at(['spec'])).toEqual({ file: 'x.yaml', line: 1, column: 37 });
    expect(read('{"kind": "A"} {"kind": }\n{').unread).toMatchObject([{ kind: 'yaml' }]);
  });

  it('knows the place of a value that is merged, or is behind an alias', () => {
    const { objects } = read('kind: A\nspec:\n  a: &a\n    x: 1\n  b:\n    <<: *a\n    w: 2\n  c: *a\n');
    expect(['x', 'w', 'v'].map((key) => objects[0]?.at(['spec', 'b', key]).line)).toEqual([4, 7, 6]);
    expect(objects[0]?.at(['spec', 'c', 'x']).line).toBe(4);
  });
});

describe('an input that cannot be read', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'].map((pair) => [...pair])) {
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`);
  }

  it.each([
    ['kind: A\na: 1\na: 2\n', 3, 'a mapping has one key twice'],
    ['kind: A\na: *b\n', 2, 'it has an alias without an anchor before it'],
    ['kind: A\na:\n  ~: 1\n', 3, 'it has null as a key'],
    [
      '# made by hand\n%YAML 1.2\n---\nkind: Rollout\napiVersion: argoproj.io/v1alpha1\n',
      2,
      'it has a %YAML directive, which kubectl does not read',
    ],
    ['kind: A\n<<: 5\n', 2, 'it merges (<<) a value that is not a mapping'],
    ['kind: A\na: {{args.b}}\n', 2, 'it has a mapping or a list as a key, such as {{ … }} without quotes'],
  ])('is refused in a sentence: %j', (text, line, message) => {
    const { unread } = read(text);
    expect(unread.map(({ kind }) => kind)).toEqual(['yaml']);
    expect(unread[0]?.line).toBe(line);
    expect(unread[0]?.message).toBe(message);
  });

  it.each([
    ['aliases without end', 'kind: A\na: &a\n  b: *a\n', 'it has an alias within its own anchor'],
    ['a bomb of aliases', `kind: A\n${bomb.join('\n')}\n`, 'its aliases expand to more than can be read'],
    ['levels without end', `kind: A\na: ${'['.repeat(20_000)}`, 'it is nested too deeply'],
  ])('is refused if reading it would not end: %s', (_, text, message) => {
    expect(read(text).unread).toMatchObject([{ kind: 'endless', message }]);
  });

  it.each([
    ['apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec:\n  replicas: {{ .Values.replicas }}\n', 4],
    ['apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec:\n  a: "{{ .Release.Name }}"\n', 4],
    ['apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec:\n  {{- with .foo }}\n  a: {{ . }}\n  {{- end }}\n', 4],
    ['apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec:\n  a: "{{ `{{args.a}}` }}"\n', 4],
    ['apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec:\n  {{ include "labels" . }}: b\n', 4],
  ])('is refused as the source of a chart: %j', (text, line) => {
    expect(read(text).unread).toEqual([
      { file: 'x.yaml', line, kind: 'chart', message: 'it is the source of a chart, which only Helm can render' },
    ]);
  });

  it('is not taken for a chart if another tool fills it in', () => {
    const query = 'sum(x{pod=~"{{ target }}-.*",a="{{ if eq name "a" }}b{{ end }}"}[{{- interval -}}])';
    expect(read(`apiVersion: flagger.app/v1beta1\nkind: MetricTemplate\nspec:\n  query: '${query}'\n`).unread).toEqual(
      [],
    );
    expect(read('apiVersion: v1\nkind: ConfigMap\ndata:\n  a: "{{ .Values.a }}"\n').unread).toEqual([]);
  });
});

describe('a manifest is distinguished from an exposition', () => {
  it.each([
    ['apiVersion: v1\nkind: List\n', true],
    ['{"apiVersion": "v1", "kind": "List"}', true],
    ['{"kind":"List","apiVersion":"v1"}', true],
    ['{apiVersion: v1, kind: List}', true],
    ['{"items": [], "apiVersion": "v1", "kind": "List"}', true],
    ['  apiVersion: v1\n  kind: List\n', true],
    // kubectl reads neither a list without a kind nor the values of a chart.
    ['- apiVersion: v1\n  kind: List\n', false],
    ['workload:\n  apiVersion: argoproj.io/v1alpha1\n  kind: Rollout\n', false],
    ['{"workload": {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}}', false],
    ['# HELP kind: apiVersion: v1\nkind 1\n', false],
    ['{"http.requests", kind="apiVersion:"} 1\n', false],
    ['groups:\n- name: a\n', false],
  ])('%j', (text, isOne) => {
    expect(isManifest(text)).toBe(isOne);
  });
});
