import { mergeConfig } from 'vitest/config';
import { shared } from '../../vitest.config.js';

// All of the verdict suite, which `npm test` plays a handful of.
export default mergeConfig(shared, { test: { include: ['test/verdict/*.verdict.ts'] } });
