import { mergeConfig } from 'vitest/config';
import { shared } from '../../../vitest.config.js';

// Records the verdicts again, which needs the binaries of the judges.
export default mergeConfig(shared, { test: { include: ['test/cli/refusals/*.record.ts'] } });
