import { createMetrics, OVERFLOW, UNMATCHED } from '@coalmine/metrics';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { CATCH_ALL } from '../../packages/cli/src/queries/series.js';

describe('the pattern of catch-alls in queries', () => {
  it.each([UNMATCHED, OVERFLOW, '/', '*', '/*', '/files/*', '/files/*/raw', '/items/:id', '/unmatched'])(
    'selects %s exactly if the service counts it as a catch-all',
    (pattern) => {
      const { isCatchAll } = createMetrics({ registry: new Registry() }).route('GET', pattern);
      expect(new RegExp(`^(?:${CATCH_ALL})$`).test(pattern)).toBe(isCatchAll);
    },
  );
});
