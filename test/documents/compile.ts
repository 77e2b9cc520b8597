import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Block } from '../support/documents.js';

// Blocks resolve their imports like the tests.
const folder = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const FASTIFY = {
  app: "import('fastify').FastifyInstance",
  coalmine: "typeof import('@coalmine/fastify').default",
};
const EXPRESS = {
  app: "import('express').Express",
  coalmine: "typeof import('@coalmine/express').coalmine",
};
const UNKNOWN = { app: 'any', coalmine: 'any' };
// Names that a page has shown before, by the packages that the page is about.
const SHOWN: Readonly<Record<string, string>> = {
  metered: "import('@coalmine/express').CoalmineMiddleware",
  instrument: "import('@coalmine/node').Instrument",
  metrics: "import('@coalmine/metrics').Metrics",
  route: "import('@coalmine/metrics').Route",
  request: "import('node:http').IncomingMessage",
  response: "import('node:http').ServerResponse",
  server: "import('node:http').Server",
};

/**
 * Returns the compiler's errors about blocks of JavaScript, with their places in the documents: names that a package does not
 * export, and options and methods that do not exist. Names that a block takes from its reader, such as a handler, may be anything:
 * they are in `readers`.
 */
export function complaintsAbout(blocks: readonly Block[], readers: readonly string[]): readonly string[] {
  const files = new Map(blocks.map((block, i) => [join(folder, `block-${i}.ts`), block]));
  const texts = new Map([...files].map(([path, block]) => [path, moduleOf(block, readers)]));
  // The imports of blocks from their own project, and the properties that a login adds to their requests.
  texts.set(join(folder, 'server.ts'), 'export {};');
  texts.set(join(folder, 'login.d.ts'), 'declare namespace Express { interface Request { user: any } }');
  const options = optionsOf();
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...files].flatMap(([path, block]) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => {
      const line = source?.getLineAndCharacterOfPosition(start).line ?? 0;
      return `${block.document}:${block.line + line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

/** Returns the block as a module, followed by declarations of the names that it does not declare itself. */
function moduleOf(block: Block, readers: readonly string[]): string {
  const usesOther = /@coalmine\/(?:hono|koa)/.test(block.text) || /^packages\/(?:hono|koa)\//.test(block.document);
  const usesFastify = /\bapp\.(?:register\(|coalmine\b)|\bconfig: \{ coalmine/.test(block.text);
  const usesExpress = /\bapp\.use\(|\bcoalmine(?:\.route)?\(/.test(block.text);
  // A block may show several frameworks, or a framework that Coalmine does not support.
  const framework = usesOther || usesFastify === usesExpress ? UNKNOWN : usesFastify ? FASTIFY : EXPRESS;
  const given = { ...Object.fromEntries(readers.map((name) => [name, 'any'])), ...SHOWN, ...framework };
  const declared = declaredIn(block.text);
  const missing = Object.entries(given).filter(([name]) => !declared.has(name));
  return `${block.text}\n${missing.map(([name, type]) => `declare const ${name}: ${type};`).join('\n')}\nexport {};\n`;
}

/** Returns the names that a module declares or imports at its top level. */
function declaredIn(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name);
  };
  for (const statement of ts.createSourceFile('block.ts', text, ts.ScriptTarget.Latest).statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) add(name);
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) add(statement.name);
    if (!ts.isImportDeclaration(statement)) continue;
    const { name, namedBindings } = statement.importClause ?? {};
    if (name !== undefined) add(name);
    if (namedBindings === undefined) continue;
    if (ts.isNamespaceImport(namedBindings)) add(namedBindings.name);
    else for (const element of namedBindings.elements) add(element.name);
  }
  return names;
}

/** The compiler options of the tests, without checks that JavaScript cannot satisfy: types of parameters, and undefined values. */
function optionsOf(): ts.CompilerOptions {
  const file = join(root, 'test/tsconfig.json');
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, dirname(file));
  return {
    ...options,
    // The tests do not have every package as a dependency.
    paths: { '@coalmine/*': [join(root, 'packages/*/src/index.ts')] },
    strict: false,
    exactOptionalPropertyTypes: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
    erasableSyntaxOnly: false,
  };
}
