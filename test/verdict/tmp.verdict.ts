import { appendFileSync } from 'node:fs';
import { it } from 'vitest';
import { startWatchingPrometheus } from '../support/prometheus.js';
import { inTurn, judge } from './judge.js';
import { SCENARIOS } from './scenarios.js';

it('plays', async () => {
  const prometheus = await startWatchingPrometheus();
  const names = new RegExp(process.env.NAMES ?? '.');
  const seeds = (process.env.SEEDS ?? '1').split(',').map(Number);
  const plays = seeds
    .flatMap((seed) => SCENARIOS.map((scenario, i) => ({ scenario, seed, i })))
    .filter(({ scenario }) => names.test(scenario.name));
  await inTurn(plays, Number(process.env.ROOM ?? 6), async ({ scenario, seed, i }) => {
    const framework = (i + seed) % 2 === 0 ? 'fastify' : 'express';
    try {
      for (const { result, right } of await judge(
        scenario,
        seed,
        framework,
        prometheus,
        ({ queries }) => queries === 'ours',
      )) {
        const ok = right.includes(result.verdict) ? 'ok   ' : 'WRONG';
        const odd = result.metrics
          .filter(({ phase }) => phase !== 'Successful')
          .map(
            ({ name, phase, measurements }) =>
              `${name}=${phase}:${measurements.map(({ values, phase }) => `${values.map((v) => v.toPrecision(3))}${phase[0]}`)}`,
          );
        appendFileSync(
          '/tmp/plays.txt',
          `${ok} ${scenario.name} [${seed} ${framework}] ${result.verdict} ${Math.round(result.finishedAt - result.startedAt)}s: ${result.message}\n      ${odd.join(' | ')}\n`,
        );
      }
    } catch (error) {
      appendFileSync('/tmp/plays.txt', `ERROR ${scenario.name}: ${(error as Error).stack}\n`);
    }
  });
  await prometheus.close();
}, 3_000_000);
