import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPrometheusMissing, startWatchingPrometheus, type WatchingPrometheus } from '../support/prometheus.js';
import { inTurn, judge } from './judge.js';
import { SCENARIOS } from './scenarios.js';

// A handful; `npm run verdict` plays all of them, over five seeds, beside other libraries.
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

describe.skipIf(isPrometheusMissing)('the template that is generated, before a real Prometheus', () => {
  let prometheus: WatchingPrometheus;
  beforeAll(async () => {
    prometheus = await startWatchingPrometheus();
  }, 60_000);
  afterAll(() => prometheus?.close());

  it('decides right', async () => {
    const scenarios = SCENARIOS.filter(({ name }) => NAMES.includes(name));
    expect(scenarios).toHaveLength(NAMES.length);
    const judgements = await inTurn(scenarios, NAMES.length, (scenario) => {
      const framework = SCENARIOS.indexOf(scenario) % 2 === 0 ? 'fastify' : 'express';
      return judge(scenario, 1, framework, prometheus, ({ queries }) => queries === 'ours');
    });
    const wrong = judgements.flat().filter(({ right, result }) => !right.includes(result.verdict));
    expect(wrong.map(({ scenario, result }) => `${scenario}: ${result.verdict} (${result.message})`)).toEqual([]);
  }, 90_000);
});
