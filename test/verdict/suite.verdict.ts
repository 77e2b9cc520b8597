import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWatchingPrometheus, type WatchingPrometheus } from '../support/prometheus.js';
import { type Framework, inTurn, type Judgement, judge } from './judge.js';
import { reportOf } from './report.js';
import { SCENARIOS } from './scenarios.js';

// Plays every scenario on both frameworks with five seeds (or with SEEDS seeds), and writes the verdicts that the numbers of each
// library led to.
const FRAMEWORKS: readonly Framework[] = ['express', 'fastify'];
const SEEDS = Array.from({ length: Number(process.env.SEEDS ?? 5) }, (_, i) => i + 1);
// The number of scenarios at the same time for two cores.
const ROOM = 5;
const DOCUMENT = new URL('../../docs/verdicts.md', import.meta.url);

describe('every scenario', () => {
  let prometheus: WatchingPrometheus;
  // On a busy machine, services are really slow and users are really few: see how late timers were beside a wrong verdict.
  let judgements: readonly (Judgement & { readonly lateMilliseconds: number })[] = [];
  beforeAll(async () => {
    prometheus = await startWatchingPrometheus();
    const plays = SEEDS.flatMap((seed) =>
      FRAMEWORKS.flatMap((framework) => SCENARIOS.map((scenario) => ({ scenario, seed, framework }))),
    );
    let played = 0;
    const results = await inTurn(plays, ROOM, async ({ scenario, seed, framework }) => {
      const delays = monitorEventLoopDelay({ resolution: 1 });
      delays.enable();
      const judged = await judge(scenario, seed, framework, prometheus);
      delays.disable();
      const lateMilliseconds = Math.round(delays.percentile(99) / 1e6);
      played += 1;
      process.stderr.write(`${played} of ${plays.length}: ${scenario.name}, seed ${seed}, ${framework}\n`);
      return judged.map((each) => ({ ...each, lateMilliseconds }));
    });
    judgements = results.flat();
    const { stdout, stderr } = spawnSync('prometheus', ['--version'], { encoding: 'utf8' });
    await writeFile(DOCUMENT, reportOf(SCENARIOS, judgements, (stdout + stderr).split('\n', 1)[0] ?? ''));
  }, 7_200_000);
  afterAll(() => prometheus?.close());

  it.each(SCENARIOS)('$name: $right', ({ name, right }) => {
    const ours = judgements.filter(({ scenario, contestant }) => scenario === name && contestant.queries === 'ours');
    expect(ours).toHaveLength(SEEDS.length * FRAMEWORKS.length);
    const wrong = ours.filter(({ result }) => !right.includes(result.verdict));
    const said = wrong.map(
      ({ seed, framework, lateMilliseconds, result }) =>
        `${framework}, seed ${seed}, timers ${lateMilliseconds} ms late: ${result.message}`,
    );
    expect(said).toEqual([]);
  });
});
