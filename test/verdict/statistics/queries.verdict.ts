import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { questionsOf as generatedFor } from '../../../packages/cli/src/queries/queries.js';
import type { Question } from '../../../packages/cli/src/queries/question.js';
import { isPrometheusMissing, startBackfilledPrometheus } from '../../support/prometheus.js';
import { chance } from '../chance.js';
import { TO_END } from './evidence.js';
import { DOUBTFUL_FAULTS, FAULTS, KINDS } from './experiments.js';
import { openMetricsOf, podsOf, withRest } from './open-metrics.js';
import { type Release, simulateRelease } from './release.js';
import { decide, questionsOf, type Rule } from './rule.js';
import { DEFAULTS, RULE, SWITCHED_RULE, settingOf, switchedSettingOf } from './template.js';

// Stores 100 simulated releases in a Prometheus, and compares the results of the generated queries with the simulated rule.
const RELEASES = 100;
const SERVICE = { perSecond: 40, routes: 6 };
// One of ten releases has too few requests.
const FEW = { perSecond: 0.1, routes: 6 };
const { scrapeSeconds } = DEFAULTS.analysis;
const spanSeconds = RULE.pace.span * scrapeSeconds;
// One half of the releases is good, of all kinds. The other half is bad, with all faults. Two of seven are switches of blue-green releases.
const SETTINGS = Array.from({ length: RELEASES }, (_, i) => {
  const of = i % 7 < 2 ? switchedSettingOf : settingOf;
  if (i < RELEASES / 2) {
    return of(i % 10 === 4 ? FEW : SERVICE, { disturbances: KINDS[i % KINDS.length]?.disturbances ?? [] });
  }
  const fault = [...FAULTS, ...DOUBTFUL_FAULTS][i % (FAULTS.length + DOUBTFUL_FAULTS.length)]?.fault;
  return of(SERVICE, fault === undefined ? {} : { fault });
});

/** The results of the rule and of the query for one question at one time. */
interface Comparison {
  readonly question: string;
  readonly release: number;
  readonly at: number;
  readonly rule: boolean;
  readonly query: boolean | undefined;
  /** Whether the rule decides differently at limits that differ by 3 %. */
  readonly isClose: boolean;
}

// The simulation counts the requests of a route. Prometheus extrapolates the series of each status before it adds them up.
const around = (rule: Rule): readonly Rule[] =>
  [0.97, 1.03].map((times) => {
    const { persistence, arrived, grown } = rule;
    return {
      ...rule,
      persistence: {
        ...persistence,
        z: times * persistence.z,
        zOfLarge: times * persistence.zOfLarge,
        events: times * persistence.events,
        large: times * persistence.large,
      },
      arrived: times * arrived,
      // What has grown is a difference of two shares, so a small error in one of them is a larger one in the difference.
      grown: times ** 4 * grown,
    };
  });
const CLOSE_AT_MOST = 0.01;

describe.skipIf(isPrometheusMissing)('the simulated rule', () => {
  let prometheus: Awaited<ReturnType<typeof startBackfilledPrometheus>>;
  const comparisons: Comparison[] = [];
  beforeAll(async () => {
    // All spans end at multiples of their length, a third of a scrape after the last sample.
    const longest = RULE.service.spans * spanSeconds;
    const end = Math.floor(Date.now() / 1000 / longest - 1) * longest - 20 * longest;
    const stored = SETTINGS.map((setting, i) => {
      const release = withRest(simulateRelease(setting, chance(i)));
      const { isSwitched = false } = setting;
      const from = end - (release.phase + TO_END) * scrapeSeconds;
      return { namespace: `release-${i}`, release, from, isSwitched };
    });
    prometheus = await startBackfilledPrometheus(openMetricsOf(stored, scrapeSeconds));
    for (const [i, { namespace, release, from, isSwitched }] of stored.entries()) {
      const ruleOf = isSwitched ? SWITCHED_RULE : RULE;
      const rule = questionsOf(release, ruleOf);
      const others = around(ruleOf).map((other) => questionsOf(release, other));
      const sides = { canary: podsOf({ namespace }, 'canary'), stable: podsOf({ namespace }, 'stable'), isSwitched };
      for (const at of timesOf(release, decide(release, ruleOf).rollback?.at)) {
        // As an argument of the template, the weight is a number.
        const weight = release.weightAt && { weight: `vector(${100 * release.weightAt(at - 1)})` };
        const queries = generatedFor(DEFAULTS, { ...sides, ...weight }).filter(({ name }) => rule[name] !== undefined);
        expect(queries.map(({ name }) => name).sort()).toEqual(Object.keys(rule).sort());
        // A moment later, because a range of Prometheus 2 includes both of its ends and would have one span more.
        const time = from + (at + TO_END) * scrapeSeconds + 0.1;
        const results = await Promise.all(queries.map((question) => query(prometheus.address, question, time)));
        for (const [n, question] of queries.entries()) {
          const said = rule[question.name]?.(at) ?? false;
          comparisons.push({
            question: question.name,
            release: i,
            at,
            rule: said,
            query: results[n],
            isClose: others.some((other) => other[question.name]?.(at) !== said),
          });
        }
      }
    }
  }, 900_000);
  afterAll(() => prometheus?.close());

  it.each(Object.keys(questionsOf(simulateRelease(settingOf(SERVICE), chance(1)), RULE)))(
    'decides like the generated query %s',
    (name) => {
      const asked = comparisons.filter(({ question }) => question === name);
      const different = asked.filter(({ rule, query }) => rule !== query);
      process.stdout.write(
        `${name}: ${asked.length} compared, ${asked.filter(({ rule }) => rule).length} of them proven, ${different.length} different\n`,
      );
      expect(different.filter(({ isClose }) => !isClose)).toEqual([]);
      expect(different.length / asked.length).toBeLessThanOrEqual(CLOSE_AT_MOST);
    },
  );
});

/** Returns the times of the comparison: in each step, and at the time at which the rule rolls back and just before. */
function timesOf({ startedAt, scrapes }: Release, decidedAt: number | undefined): readonly number[] {
  const { step, interval, settled } = RULE.pace;
  const inSteps = [0, 1, 2].flatMap((i) => [startedAt + i * step + settled, startedAt + (i + 1) * step]);
  const decided = decidedAt === undefined ? [] : [decidedAt - interval, decidedAt];
  return [...new Set([...inSteps, ...decided])].filter((at) => at <= scrapes).sort((a, b) => a - b);
}

/** Returns whether a measurement is bad or inconclusive, or nothing if the query returns nothing. */
async function query(address: string, { query, good, badAbove }: Question, time: number): Promise<boolean | undefined> {
  const response = await fetch(`${address}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query, time: String(time) }),
  });
  const { data, error } = (await response.json()) as {
    data?: { result: readonly { value: readonly [number, string] }[] };
    error?: string;
  };
  if (data === undefined) throw new Error(error);
  const [element] = data.result;
  if (element === undefined) return undefined;
  const value = Number(element.value[1]);
  return 'least' in good ? value < good.least : value > (badAbove ?? good.most);
}
