import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { type BuildOptions, build } from 'esbuild';
import { type Plugin, rollup } from 'rollup';
import * as tsup from 'tsup';
import webpack from 'webpack';
import { type Runtime, runtimes } from '../runtimes/runtimes.js';

const require = createRequire(import.meta.url);
// The types of these packages do not describe what an import returns.
const commonjs: () => Plugin = require('@rollup/plugin-commonjs');
const json: () => Plugin = require('@rollup/plugin-json');
const ncc: (entry: string, options: object) => Promise<{ readonly code: string }> = require('@vercel/ncc');

// Users need this banner for packages that require built-in modules of Node, such as Express.
const BANNER = "import { createRequire } from 'module'; const require = createRequire(import.meta.url);";

/** The entry and the output of a bundle. */
export interface Bundle {
  readonly entry: string;
  readonly file: string;
  /** Packages that stay out of the bundle. */
  readonly external: readonly string[];
}

/** Writes a bundle, with the options that users have for a service on Node. */
export interface Bundler {
  /** The extension of the file. */
  readonly extension: 'cjs' | 'mjs';
  bundle(bundle: Bundle): Promise<unknown>;
}

const bun = runtimes().find(({ name }) => name === 'Bun');

export const BUNDLERS: Readonly<Record<string, Bundler>> = {
  'esbuild to CommonJS': { extension: 'cjs', bundle: (bundle) => runEsbuild(bundle, { format: 'cjs' }) },
  'esbuild to ES modules': { extension: 'mjs', bundle: (bundle) => runEsbuild(bundle, { format: 'esm' }) },
  'Rollup to CommonJS': { extension: 'cjs', bundle: (bundle) => runRollup(bundle, 'cjs') },
  'Rollup to ES modules': { extension: 'mjs', bundle: (bundle) => runRollup(bundle, 'es') },
  webpack: { extension: 'cjs', bundle: (bundle) => runWebpack(bundle) },
  ncc: { extension: 'mjs', bundle: runNcc },
  tsup: { extension: 'cjs', bundle: runTsup },
  ...(bun === undefined ? {} : { Bun: { extension: 'mjs', bundle: (bundle) => runBun(bun, bundle) } }),
};

/** The same, in several files: one for dynamic imports, one for the code that the entries share, one for a client. */
export const SPLITTING_BUNDLERS: Readonly<Record<string, Bundler>> = {
  'esbuild to ES modules': { extension: 'mjs', bundle: splitWithEsbuild },
  'Rollup to CommonJS': { extension: 'cjs', bundle: (bundle) => runRollup(bundle, 'cjs', clientChunk) },
  'Rollup to ES modules': { extension: 'mjs', bundle: (bundle) => runRollup(bundle, 'es', clientChunk) },
  webpack: {
    extension: 'cjs',
    bundle: (bundle) => runWebpack(bundle, { splitChunks: { chunks: 'all', minSize: 0 } }),
  },
};

export function runEsbuild({ entry, file, external }: Bundle, options: BuildOptions): Promise<unknown> {
  const { format } = options;
  return build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    external: [...external],
    logLevel: 'error',
    ...(format === 'esm' ? { banner: { js: BANNER } } : {}),
    ...options,
  });
}

function splitWithEsbuild({ entry, file, external }: Bundle): Promise<unknown> {
  return build({
    // A second entry shares the client with the first.
    entryPoints: { [basename(file, '.mjs')]: entry, orders: join(dirname(entry), 'orders.mjs') },
    outdir: dirname(file),
    outExtension: { '.js': '.mjs' },
    splitting: true,
    format: 'esm',
    bundle: true,
    platform: 'node',
    external: [...external],
    banner: { js: BANNER },
    logLevel: 'error',
  });
}

function clientChunk(id: string): string | undefined {
  return /prom-client|prometheus-io/.test(id) ? 'client' : undefined;
}

async function runRollup(
  { entry, file, external }: Bundle,
  format: 'cjs' | 'es',
  manualChunks?: (id: string) => string | undefined,
): Promise<void> {
  const bundle = await rollup({
    input: entry,
    external: [...external, ...builtinModules, /^node:/],
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs(), json()],
    logLevel: 'silent',
  });
  if (manualChunks === undefined) await bundle.write({ file, format });
  else {
    const names = { entryFileNames: basename(file), chunkFileNames: `[name]${extname(file)}` };
    await bundle.write({ dir: dirname(file), format, manualChunks, ...names });
  }
  await bundle.close();
}

function runWebpack(
  { entry, file, external }: Bundle,
  optimization: webpack.Configuration['optimization'] = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = {
      mode: 'production',
      // Does not minify, because that takes most of the time, and the bundle of esbuild shows that minifying does no harm.
      optimization: { minimize: false, ...optimization },
      target: 'node',
      entry,
      externals: external.map((name) => ({ [name]: `commonjs ${name}` })),
      output: {
        path: dirname(file),
        filename: ({ chunk }: webpack.PathData) => (chunk?.name === 'main' ? basename(file) : '[id].cjs'),
      },
    } as const;
    webpack(options, (error, stats) => {
      if (error === null && stats?.hasErrors() === false) resolve();
      else reject(error ?? new Error(stats?.toString({ all: false, errors: true })));
    });
  });
}

async function runNcc({ entry, file, external }: Bundle): Promise<void> {
  const { code } = await ncc(entry, { externals: [...external], cache: false, quiet: true });
  await writeFile(file, code);
}

function runTsup({ entry, file, external }: Bundle): Promise<void> {
  return tsup.build({
    entry: { [basename(file, '.cjs')]: entry },
    outDir: dirname(file),
    outExtension: () => ({ js: '.cjs' }),
    format: 'cjs',
    external: [...external],
    noExternal: [/./],
    config: false,
    silent: true,
  });
}

function runBun({ command: [binary = ''] }: Runtime, { entry, file, external }: Bundle): Promise<unknown> {
  const options = ['--target=node', `--outfile=${file}`, ...external.map((name) => `--external=${name}`)];
  return promisify(execFile)(binary, ['build', entry, ...options]);
}
