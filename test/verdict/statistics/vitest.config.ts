import { mergeConfig } from 'vitest/config';
import { shared } from '../../../vitest.config.js';

// The simulation uses all cores, so it does not run beside the scenarios, whose times are real.
export default mergeConfig(shared, { test: { include: ['test/verdict/statistics/*.verdict.ts'] } });
