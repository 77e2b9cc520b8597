import { mergeConfig } from 'vitest/config';
import { shared } from '../../vitest.config.js';

// Needs the website, which `npm run site` builds, and a Chromium.
export default mergeConfig(shared, {
  test: { include: ['test/site/*.site.ts'], reporters: ['default', './test/support/closing-line.ts'] },
});
