import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { type Block, blocksOf, DOCUMENTS, nameOf } from '../support/documents.js';
import { isPrometheusMissing } from '../support/prometheus.js';
import { missingBinaries } from '../support/server-process.js';
import { complaintsAboutCommands } from './commands.js';
import { complaintsAbout } from './compile.js';
import { complaintsAboutYaml } from './yaml.js';

/** Blocks that another test runs, by their document and their language. */
const RUN: readonly { readonly document: string; readonly language: RegExp; readonly by: string }[] = [
  { document: 'docs/schema-tools.md', language: /./, by: 'test/schema/tools-page.test.ts' },
  { document: 'docs/lint.md', language: /^diff$/, by: 'packages/cli/src/lint/templates/lint-templates.test.ts' },
];

/** Blocks that nothing here can judge, by their document and one of their lines, with the reason. */
const EXCEPTIONS: readonly { readonly document: string; readonly line: string; readonly why: string }[] = [
  {
    document: 'packages/nest/README.md',
    line: 'constructor(private readonly coalmine: CoalmineHost) {}',
    why: 'TypeScript with decorators, as in examples/nest, which check:types compiles',
  },
  {
    document: 'packages/nest/README.md',
    line: 'CoalmineModule.forRootAsync({',
    why: 'TypeScript with decorators, as in examples/nest, which check:types compiles',
  },
  {
    document: 'packages/nest/README.md',
    line: "@Controller('internal')",
    why: 'TypeScript with decorators, as in examples/nest, which check:types compiles',
  },
  {
    document: 'docs/push.md',
    line: '# prometheus.yml',
    why: 'test/otel/push.test.ts starts a Prometheus 3 with it; the promtool of Debian knows no otlp',
  },
  {
    document: 'docs/push.md',
    line: 'kind: Prometheus',
    why: 'the schemas of the Prometheus Operator that are published to npm are from before its OTLP receiver',
  },
  {
    document: 'docs/lint.md',
    line: '  security-events: write',
    why: 'a part of the workflow above it, whose other lines are left out',
  },
  {
    document: 'docs/lint.md',
    line: '- name: failed-payments',
    why: 'a part of a metric, to show comments, which test/cli/pipeline.test.ts tries on a whole template',
  },
  {
    document: 'docs/schema-versions.md',
    line: 'DELETE FROM knex_migrations;',
    why: 'SQL for the table of Knex, whose rows a deployment has',
  },
  {
    document: 'docs/opentelemetry.md',
    line: '{ resource.k8s.pod.label.rollouts-pod-template-hash = "7d9c4b8f6d" && status = error }',
    why: 'TraceQL, whose only parser is in Tempo',
  },
  {
    document: 'examples/otel-tracing/README.md',
    line: '{ resource.k8s.pod.label.rollouts-pod-template-hash = "7d9c4b8f6d" && span.coalmine.outcome = "left" && status = error }',
    why: 'TraceQL, whose only parser is in Tempo',
  },
];

/** Names that a block of JavaScript may take from its reader, or from the text of the page. */
const READERS = (
  'AppModule ApolloServer ApolloServerPluginDrainHttpServer Counter EventStream Fastify FastifyAdapter Histogram ' +
  'NestFactory Registry apiMetrics call canary closeWithGrace coalmineApollo coalmineMercurius coalmineTrpc ' +
  'coalmineYoga config consumer createContext createExpressMiddleware createInstrument createServer createYoga db ' +
  'duration exporter express expressMiddleware fastifyApolloDrainPlugin fastifyApolloHandler fastifyMetrics ' +
  'fastifyTRPCPlugin feathersApp graphql handler http internalRouter isLoaded keys knows listener login mercurius options pool promBundle ' +
  'queue report requests resolvers rest router schema sdk serve stable typeDefs websocket yoga'
).split(' ');

const isActionlintMissing = missingBinaries('actionlint').length > 0;
if (isActionlintMissing) {
  process.stderr.write(
    'SKIPPING the workflows in the documents: actionlint is not on the PATH (.ci/run installs it)\n',
  );
}

// Blocks from a file are compared with the file, which another test runs or compiles.
const BLOCKS = DOCUMENTS.flatMap(blocksOf).filter(({ from, language }) => from === undefined && language !== '');
const JUDGED = BLOCKS.filter((block) => !isRun(block) && exceptionOf(block) === undefined);
const of = (language: string): readonly Block[] => JUDGED.filter((block) => block.language === language);

describe('the code in the documents', () => {
  it('is JavaScript that compiles against the packages', () => {
    expect(of('js').length).toBeGreaterThan(60);
    const wrong = [
      'import { drain } from "@coalmine/fastify";',
      'await app.register(coalmine, { health: { drain: 1 } });',
    ];
    const tried = wrong.map((text, i) => ({ ...(of('js')[0] as Block), document: 'wrong.md', line: i + 1, text }));
    expect(complaintsAbout([...of('js'), ...tried], READERS)).toEqual([
      expect.stringMatching(/^wrong\.md:1: .*no exported member 'drain'/),
      expect.stringMatching(/^wrong\.md:2: .*'drain' does not exist in type/s),
    ]);
  });

  it('is commands that a shell reads, with flags, scripts, packages and files that exist', () => {
    expect(of('sh').length).toBeGreaterThan(50);
    expect(of('sh').flatMap(complaintsAboutCommands)).toEqual([]);
  });

  it('is YAML that fits the schema of its kind', async () => {
    expect(of('yaml').length).toBeGreaterThan(8);
    const others = of('yaml').filter((block) => !isWorkflow(block));
    expect((await Promise.all(others.map(complaintsAboutYaml))).flat()).toEqual([]);
  });

  it.skipIf(isActionlintMissing)('is workflows that actionlint takes', () => {
    const workflows = of('yaml').filter(isWorkflow);
    expect(workflows.length).toBeGreaterThan(0);
    for (const { text } of workflows) {
      const { status, stdout } = spawnSync('actionlint', ['-'], { input: text, encoding: 'utf8' });
      expect([status, stdout]).toEqual([0, '']);
    }
  });

  it('is JSON that parses', () => {
    expect(of('json').length).toBeGreaterThan(0);
    for (const { text } of of('json')) expect(() => JSON.parse(text)).not.toThrow();
  });

  it('is PromQL that parses', () => {
    expect(of('promql').length).toBeGreaterThan(10);
    for (const { text, document, line } of of('promql')) {
      expect([`${document}:${line}`, errorsOf(text)]).toEqual([`${document}:${line}`, []]);
    }
  });

  it.skipIf(isPrometheusMissing)('is PromQL that Prometheus takes', () => {
    const rules = of('promql').map(({ text }, i) => ({ record: `block_${i}`, expr: text }));
    const said = inFile('rules.yml', JSON.stringify({ groups: [{ name: 'documents', rules }] }), (file) =>
      spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' }),
    );
    expect(said).toEqual([0, expect.stringContaining(`${rules.length} rules found`)]);
  });

  it('is lines of a Dockerfile in the form that starts no shell', () => {
    for (const { text } of of('dockerfile')) {
      const [, command = ''] = /^CMD (\[.*\])$/.exec(text) ?? [];
      expect(JSON.parse(command)).toEqual(['node', expect.stringMatching(/\.js$/)]);
    }
  });

  it('is in no other language', () => {
    expect([...new Set(JUDGED.map(({ language }) => language))].sort()).toEqual(
      ['dockerfile', 'js', 'json', 'promql', 'sh', 'sql', 'yaml'].sort(),
    );
    // The floor of schemas. test/schema/embedded.test.ts compares it with the output of the functions.
    for (const { text } of of('sql')) expect(text).toContain('CREATE TABLE IF NOT EXISTS schema_compatibility');
  });

  it('is run by the tests that are listed for it, and every listed exception exists', () => {
    for (const { document, by } of RUN) expect(textOf(by)).toContain(document.replace('docs/', ''));
    const missing = EXCEPTIONS.filter(({ document, line }) =>
      BLOCKS.every((block) => !isAt(block, { document, line })),
    );
    expect(missing).toEqual([]);
  });
});

function isRun({ document, language }: Block): boolean {
  return RUN.some((each) => each.document === document && each.language.test(language));
}

function exceptionOf(block: Block): string | undefined {
  return EXCEPTIONS.find((each) => isAt(block, each))?.why;
}

function isAt({ document, text }: Block, at: { readonly document: string; readonly line: string }): boolean {
  return document === at.document && text.split('\n').includes(at.line);
}

/** Returns whether a block is a workflow of GitHub Actions, which names its path. */
function isWorkflow({ text }: Block): boolean {
  return text.startsWith('# .github/workflows/') && nameOf(text) !== undefined;
}

/** Returns the result of a command on a text in a file with this name. */
function inFile(
  name: string,
  text: string,
  command: (file: string) => SpawnSyncReturns<string>,
): readonly [number | null, string] {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-documents-'));
  try {
    writeFileSync(join(folder, name), text);
    const { status, stdout, stderr } = command(join(folder, name));
    return [status, stdout + stderr];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function errorsOf(query: string): readonly string[] {
  const errors: string[] = [];
  parser.parse(query).iterate({ enter: ({ type, from }) => void (type.isError && errors.push(query.slice(from))) });
  return errors;
}

function textOf(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
}
