import { defineConfig } from 'vitest/config';

const conditions = ['@coalmine/source', 'node'];

export default defineConfig({
  // Packages of this repository resolve to their source, so a test needs no build.
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
