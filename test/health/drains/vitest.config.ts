import { mergeConfig } from 'vitest/config';
import { shared } from '../../../vitest.config.js';

// Plays a hundred shutdowns, and each recipe in each way, which takes minutes.
export default mergeConfig(shared, {
  test: {
    include: ['test/health/drains/*.drains.ts', 'test/health/recipes.test.ts'],
    env: { RECIPES: 'all' },
    fileParallelism: false,
  },
});
