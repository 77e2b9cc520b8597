import { afterAll, beforeAll, expect, it } from 'vitest';
import { build } from '../../support/build.js';
import { endScripts } from '../scripts.js';
import { momentsOf, playMoments } from './drains.js';

beforeAll(() => build('node', 'express', 'fastify'), 180_000);
afterAll(endScripts);

// `npm run drains` plays a hundred of them.
it('a drain loses no request at SIGTERM, on both frameworks, alone, in a cluster and behind nginx', async () => {
  const seed = Number(process.env.SEED ?? 16);
  for (const drained of await playMoments(momentsOf(seed, 8), 3)) {
    expect(drained, `SEED=${seed}`).toMatchObject({ code: 0, lost: [] });
    expect(drained.answered).toBeGreaterThan(5);
  }
});
