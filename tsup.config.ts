import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node20.19',
  dts: true,
  shims: true,
  clean: true,
  sourcemap: true,
  tsconfig: '../tsconfig.json',
});
