import { writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { type BuildOptions, build } from 'esbuild';
import { type Plugin, rollup } from 'rollup';
import * as tsup from 'tsup';
import webpack from 'webpack';

const require = createRequire(import.meta.url);
// Their types do not tell what an import gets.
const commonjs: () => Plugin = require('@rollup/plugin-commonjs');
const json: () => Plugin = require('@rollup/plugin-json');
const ncc: (entry: string, options: object) => Promise<{ readonly code: string }> = require('@vercel/ncc');

/** What a service is bundled from, and where to. */
export interface Bundle {
  readonly entry: string;
  readonly file: string;
  /** Packages that stay out of the bundle. */
  readonly external: readonly string[];
}

/** Writes a bundle, with the options that users have for a service on Node. */
export interface Bundler {
  /** Of the file. */
  readonly extension: 'cjs' | 'mjs';
  bundle(bundle: Bundle): Promise<unknown>;
}

export const BUNDLERS: Readonly<Record<string, Bundler>> = {
  'esbuild to CommonJS': { extension: 'cjs', bundle: (bundle) => runEsbuild(bundle, { format: 'cjs' }) },
  'esbuild to ES modules': { extension: 'mjs', bundle: (bundle) => runEsbuild(bundle, { format: 'esm' }) },
  'Rollup to CommonJS': { extension: 'cjs', bundle: (bundle) => runRollup(bundle, 'cjs') },
  'Rollup to ES modules': { extension: 'mjs', bundle: (bundle) => runRollup(bundle, 'es') },
  webpack: { extension: 'cjs', bundle: runWebpack },
  ncc: { extension: 'mjs', bundle: runNcc },
  tsup: { extension: 'cjs', bundle: runTsup },
};

export function runEsbuild({ entry, file, external }: Bundle, options: BuildOptions): Promise<unknown> {
  const { format } = options;
  // What users write for packages that require what is built into Node, as Express does.
  const banner = "import { createRequire } from 'module'; const require = createRequire(import.meta.url);";
  return build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    external: [...external],
    logLevel: 'error',
    ...(format === 'esm' ? { banner: { js: banner } } : {}),
    ...options,
  });
}

async function runRollup({ entry, file, external }: Bundle, format: 'cjs' | 'es'): Promise<void> {
  const bundle = await rollup({
    input: entry,
    external: [...external, ...builtinModules, /^node:/],
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs(), json()],
    logLevel: 'silent',
  });
  await bundle.write({ file, format });
  await bundle.close();
}

function runWebpack({ entry, file, external }: Bundle): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = {
      mode: 'production',
      // Minifying is most of the time, and esbuild shows that it does no harm.
      optimization: { minimize: false },
      target: 'node',
      entry,
      externals: external.map((name) => ({ [name]: `commonjs ${name}` })),
      output: { path: dirname(file), filename: basename(file) },
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
