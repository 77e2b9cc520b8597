import { mergeConfig } from 'vitest/config';
import { shared } from '../../vitest.config.js';

// Releases under the real controllers, which take minutes. Builds the controllers where they are not built.
export default mergeConfig(shared, {
  test: {
    include: ['test/controllers/*.judges.ts'],
    globalSetup: ['test/controllers/judges/build.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // So many releases at a time: more of them would make each other slow.
    maxConcurrency: Number(process.env.LANES ?? 4),
  },
});
