import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchLoop } from '../bench/loop-watch.js';
import { isPrometheusMissing, startWatchingPrometheus, type WatchingPrometheus } from '../support/prometheus.js';
import { inTurn, type Judgement, judge, type Scenario } from './judge.js';
import { SCENARIOS } from './scenarios.js';

// A few scenarios. `npm run verdict` plays all of them with five seeds, and with other libraries.
const NAMES = [
  'clean',
  'no traffic at all',
  'an outage that both share',
  'the login is broken',
  'a parameter has another name',
  'a route is lost',
  'a rare route is slow',
  'a cold start that outlasts the warm-up',
];

// On a busy machine, services are really slow and users are really few. So a wrong verdict counts only if the timers of this
// process, which has little to do, were in time.
const BUSY_MILLISECONDS = 20;
const PLAYS = 4;

describe.skipIf(isPrometheusMissing)('the generated template, before a real Prometheus', () => {
  let prometheus: WatchingPrometheus;
  beforeAll(async () => {
    prometheus = await startWatchingPrometheus();
  });
  afterAll(() => prometheus?.close());

  /** Plays scenarios at the same time, and returns the wrong verdicts. */
  async function wrongOf(scenarios: readonly Scenario[]): Promise<readonly Judgement[]> {
    const judgements = await inTurn(scenarios, scenarios.length, (scenario) => {
      const framework = SCENARIOS.indexOf(scenario) % 2 === 0 ? 'fastify' : 'express';
      return judge(scenario, 1, framework, prometheus, { isAlone: true });
    });
    return judgements.flat().filter(({ right, result }) => !right.includes(result.verdict));
  }

  it('decides every scenario correctly', async () => {
    let scenarios: readonly Scenario[] = SCENARIOS.filter(({ name }) => NAMES.includes(name));
    expect(scenarios).toHaveLength(NAMES.length);
    for (let play = 1; ; play++) {
      watchLoop({ isWatched: true });
      const wrong = await wrongOf(scenarios);
      const { p999: late } = watchLoop({ isWatched: false });
      const said = wrong.map(({ scenario, result }) => `${scenario}: ${result.verdict} (${result.message})`);
      if (late < BUSY_MILLISECONDS || play === PLAYS || wrong.length === 0) {
        expect(said, `timers were ${late.toFixed(0)} ms late`).toEqual([]);
        return;
      }
      process.stderr.write(`PLAYED AGAIN, because timers were ${late.toFixed(0)} ms late: ${said.join(', ')}\n`);
      scenarios = scenarios.filter(({ name }) => wrong.some(({ scenario }) => scenario === name));
    }
  });
});
