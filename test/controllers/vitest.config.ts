import { mergeConfig } from 'vitest/config';
import { shared } from '../../vitest.config.js';

// Releases under the real controllers, which take minutes. Builds the controllers if they are not built.
export default mergeConfig(shared, {
  test: {
    include: ['test/controllers/*.judges.ts'],
    globalSetup: ['test/controllers/judges/build.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // The number of releases at the same time. More releases would slow each other down.
    maxConcurrency: Number(process.env.LANES ?? 4),
  },
});
