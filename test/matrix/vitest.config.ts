import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../../vitest.config.js';

// Takes minutes, mostly for installs, so it has its own command, `npm run matrix`.
export default mergeConfig(
  shared,
  defineConfig({
    test: {
      name: 'matrix',
      include: ['test/matrix/*.matrix.ts', 'test/conformance/*.test.ts'],
      // Every minor version of Express 5. `npm test` has only the lowest and the highest.
      env: { EVERY_EXPRESS: 'yes' },
      reporters: ['verbose', './test/support/closing-line.ts'],
      testTimeout: 300_000,
      hookTimeout: 600_000,
      fileParallelism: false,
    },
  }),
);
