import { afterAll, expect, it } from 'vitest';
import { endScripts } from '../scripts.js';
import { momentsOf, playMoments } from './drains.js';

const SEED = Number(process.env.SEED ?? Date.now() % 100_000);
const MOMENTS = Number(process.env.MOMENTS ?? 100);

afterAll(endScripts);

it(`loses no request at SIGTERM, at ${MOMENTS} random moments`, { timeout: 20_000 + 5_000 * MOMENTS }, async () => {
  console.log(`SEED=${SEED}`);
  const all = await playMoments(momentsOf(SEED, MOMENTS), 3, (drained) => {
    if (drained.code !== 0 || drained.lost.length > 0) console.log(JSON.stringify(drained));
  });
  const answered = all.reduce((sum, each) => sum + each.answered, 0);
  const bad = all.filter(({ code, lost }) => code !== 0 || lost.length > 0);
  console.log(`${all.length} ends, ${answered} requests answered, ${bad.length} ends with a loss`);
  expect(bad).toEqual([]);
});
