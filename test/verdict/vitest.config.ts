import { mergeConfig } from 'vitest/config';
import { shared } from '../../vitest.config.js';

// The whole verdict suite. `npm test` plays a few scenarios of it.
export default mergeConfig(shared, { test: { include: ['test/verdict/*.verdict.ts'] } });
