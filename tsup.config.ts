import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineConfig, type Options } from 'tsup';
import { readPackages } from './release/packages.js';

const packages = readPackages();

const shared: Options = {
  format: ['esm', 'cjs'],
  target: 'node20.19',
  // Each package that is imported, and a file that is published as it is: see packages/metrics.
  external: [/^[@a-z]/, '../client-imports.cjs'],
  shims: true,
  tsconfig: 'packages/tsconfig.json',
};

export default defineConfig([
  ...packages.map(
    ({ folder }): Options => ({
      ...shared,
      entry: ['src/index.ts', 'src/bin.ts'].map((file) => join(folder, file)).filter(existsSync),
      outDir: join(folder, 'dist'),
      clean: ['!**/*.d.{ts,cts}'],
    }),
  ),
  {
    ...shared,
    // One program for all packages: most of the time goes to loading TypeScript and the types of dependencies.
    entry: Object.fromEntries(
      packages.map(({ directory }) => [`${basename(directory)}/dist/index`, `${directory}/src/index.ts`]),
    ),
    outDir: 'packages',
    // `check:types` checks the types of all packages at once.
    dts: { only: true, compilerOptions: { noCheck: true } },
  },
]);
