import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/bin.ts'].filter(existsSync),
  format: ['esm', 'cjs'],
  target: 'node20.19',
  // A file that is published as it is: see packages/metrics.
  external: ['../client-imports.cjs'],
  // `check:types` checks the types of all packages at once.
  dts: { entry: 'src/index.ts', compilerOptions: { noCheck: true } },
  shims: true,
  clean: true,
  tsconfig: '../tsconfig.json',
});
