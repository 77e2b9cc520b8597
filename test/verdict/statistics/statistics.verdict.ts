import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { table } from '../../bench/table.js';
import {
  badReleases,
  badSwitches,
  DOUBTFUL_FAULTS,
  doubtfulReleases,
  FAULTS,
  goodReleases,
  goodSwitches,
  KINDS,
  KINDS_AFTER_SWITCH,
  SERVICES,
  STEP_MINUTES,
  stepLengths,
  USED,
  usedObjectives,
} from './experiments.js';
import { type Experiment, runExperiments } from './simulation.js';
import type { Tally } from './tally.js';
import { minutes, RULE } from './template.js';

// Simulates good and bad releases, and writes into docs/analysis.md how often the template is wrong, and how soon it is correct.
const DOCUMENT = new URL('../../../docs/analysis.md', import.meta.url);

// At most one false rollback in 1,000 releases: if 4 are seen in 10,000, the true number is below 10 (Poisson, 95 %).
const FALSE_ROLLBACKS = 0.0004;
const FALSE_PAUSES = 0.01;
// For services with fewer requests, the table shows what to expect.
const isPromised = ({ perSecond }: { readonly perSecond: number }): boolean => perSecond >= 10;

describe('the template, simulated', () => {
  let good: readonly (readonly Tally[])[] = [];
  let bad: readonly (readonly Tally[])[] = [];
  let used: readonly (readonly Tally[])[] = [];
  let steps: readonly (readonly Tally[])[] = [];
  let switched: readonly (readonly Tally[])[] = [];
  let badSwitched: readonly (readonly Tally[])[] = [];
  let doubtful: readonly (readonly Tally[])[] = [];
  beforeAll(async () => {
    [good = [], bad = [], used = [], steps = [], switched = [], badSwitched = [], doubtful = []] = await runAll([
      goodReleases(),
      badReleases(),
      usedObjectives(),
      stepLengths(),
      goodSwitches(),
      badSwitches(),
      doubtfulReleases(),
    ]);
    const tables = {
      'false verdicts': falseVerdicts(),
      'false verdicts after a switch': table([...falseByKind(switched)]),
      'used objectives': usedUp(),
      power: power(bad),
      pauses: pauses(),
      'power after a switch': power(badSwitched),
      'step lengths': lengths(),
    };
    for (const text of Object.values(tables)) process.stdout.write(`\n${text}\n`);
    write(tables);
  }, 7_200_000);

  const promised = KINDS.flatMap(({ name }, kind) =>
    SERVICES.flatMap((service, i) => (isPromised(service) ? [{ name, perSecond: service.perSecond, kind, i }] : [])),
  );

  it.each(promised)('rolls back hardly any good release: $name, $perSecond requests a second', ({ kind, i }) => {
    expectFewRollbacks(tallyOf(good, kind, i));
  });

  it.each(promised)('pauses few good releases: $name, $perSecond requests a second', ({ kind, i }) => {
    expectFewPauses(tallyOf(good, kind, i));
  });

  it.each(promised.filter((each) => KINDS_AFTER_SWITCH.some(({ name }) => name === each.name)))(
    'is hardly ever wrong about a good release after a blue-green switch: $name, $perSecond requests a second',
    ({ kind, i }) => {
      expectFewRollbacks(tallyOf(switched, kind, i));
      expectFewPauses(tallyOf(switched, kind, i));
    },
  );

  it.each(FAULTS.flatMap(({ name, isGross }, fault) => (isGross ? [{ name, fault }] : [])))(
    'finds before the second step ends, at 20 requests a second: $name',
    ({ fault }) => {
      const i = SERVICES.findIndex(({ perSecond }) => perSecond === 20);
      expect(shareBySecondStep(tallyOf(bad, fault, i))).toBeGreaterThan(0.95);
    },
  );

  function falseVerdicts(): string {
    const pauses = (title: string, kind: number, of: (tally: Tally) => number): Record<string, string> => ({
      'Per 1,000 good releases': title,
      ...byService((i) => `– / ${perThousand(of(tallyOf(good, kind, i)), tallyOf(good, kind, i).releases)}`),
    });
    const suffering = KINDS.findIndex(({ disturbances }) => disturbances.includes('trouble'));
    return table([
      ...falseByKind(good),
      pauses('both suffer: pauses because both fail', suffering, ({ shared }) => shared),
      pauses('too few requests to judge', 0, ({ silent }) => silent),
    ]);
  }

  function usedUp(): string {
    return table(
      USED.map((share, row) => ({
        'Used share of the objective': `${100 * share} %`,
        ...byService((i) => perThousand(tallyOf(used, row, i).rolledBackAt.length, tallyOf(used, row, i).releases)),
      })),
    );
  }

  function falseByKind(tallies: readonly (readonly Tally[])[]): readonly Record<string, string>[] {
    return KINDS.map(({ name }, kind) => ({
      'Per 1,000 good releases': name,
      ...byService((i) => {
        const { rolledBackAt, asked, releases } = tallyOf(tallies, kind, i);
        return `${perThousand(rolledBackAt.length, releases)} / ${perThousand(asked, releases)}`;
      }),
    }));
  }

  function power(tallies: readonly (readonly Tally[])[]): string {
    return table(
      FAULTS.map(({ name }, fault) => ({
        'What is wrong with the canary': name,
        ...byService((i) => found(tallyOf(tallies, fault, i))),
      })),
    );
  }

  function pauses(): string {
    return table(
      DOUBTFUL_FAULTS.map(({ name }, fault) => ({
        'What is doubtful about the canary': name,
        ...byService((i) => {
          const { rolledBackAt, asked, releases } = tallyOf(doubtful, fault, i);
          return `${percent(rolledBackAt.length / releases)} / ${percent(asked / releases)}`;
        }),
      })),
    );
  }

  function lengths(): string {
    return table(
      FAULTS.map(({ name }, fault) => ({
        'Found before the step at 20 % ends': name,
        ...Object.fromEntries(
          STEP_MINUTES.map((length, i) => [
            `steps of ${length} min`,
            percent(shareBySecondStep(tallyOf(steps, fault, i), length / minutes(1))),
          ]),
        ),
      })),
    );
  }
});

function expectFewRollbacks({ rolledBackAt, releases, by }: Tally): void {
  expect(rolledBackAt.length / releases, JSON.stringify(by)).toBeLessThanOrEqual(FALSE_ROLLBACKS);
}

function expectFewPauses({ asked, releases }: Tally): void {
  expect(asked / releases).toBeLessThanOrEqual(FALSE_PAUSES);
}

/** Runs groups of experiments on all cores, and returns their tallies in the same groups. */
async function runAll(
  groups: readonly (readonly (readonly Experiment[])[])[],
): Promise<readonly (readonly Tally[])[][]> {
  const experiments = groups.flat(2);
  let before = 0;
  const tallies = await runExperiments(experiments, (done) => {
    if (done === before) return;
    before = done;
    process.stderr.write(`${done} of ${experiments.length} experiments\n`);
  });
  const next = tallies.values();
  return groups.map((group) => group.map((row) => row.map(() => next.next().value as Tally)));
}

function tallyOf(tallies: readonly (readonly Tally[])[], row: number, i: number): Tally {
  const tally = tallies[row]?.[i];
  if (tally === undefined) throw new Error(`no tally ${i} in row ${row}`);
  return tally;
}

function byService(cell: (service: number) => string): Record<string, string> {
  return Object.fromEntries(SERVICES.map(({ perSecond }, i) => [`${perSecond.toLocaleString('en-US')}/s`, cell(i)]));
}

function shareBySecondStep({ rolledBackAt, releases }: Tally, step: number = RULE.pace.step): number {
  return rolledBackAt.filter((at) => at <= 2 * step).length / releases;
}

function found({ rolledBackAt, releases }: Tally): string {
  const sorted = rolledBackAt.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) return '0 %';
  return `${percent(sorted.length / releases)} (${minutes(median)} min)`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function perThousand(count: number, releases: number): string {
  return Number(((1000 * count) / releases).toPrecision(2)).toString();
}

function write(tables: Readonly<Record<string, string>>): void {
  const text = Object.entries(tables).reduce(
    (document, [name, rows]) => document.replace(new RegExp(`(<!-- ${name} -->\n\n)(?:\\|.*\n)*\n?`), `$1${rows}\n\n`),
    readFileSync(DOCUMENT, 'utf8'),
  );
  writeFileSync(DOCUMENT, text);
}
