import { setTimeout as delay } from 'node:timers/promises';
import { type AnalysisResult, analyzeArgo, createWallClock, type Verdict } from '@coalmine/cli';
import type { SCENARIOS } from './scenarios.js';
import { CONTESTANTS, type Contestant } from './templates.js';
import { play } from './world.js';

/** A scenario with its defaults. */
export type Scenario = (typeof SCENARIOS)[number];

export type Framework = 'fastify' | 'express';

/** The result of a contestant in a scenario. */
export interface Judgement {
  readonly scenario: string;
  readonly seed: number;
  readonly framework: Framework;
  readonly contestant: Pick<Contestant, 'library' | 'queries'>;
  readonly right: readonly Verdict[];
  readonly result: AnalysisResult;
}

/**
 * Plays a scenario. All contestants whose library the services have judge it at the same time; if Coalmine is `isAlone`, only our
 * queries do.
 */
export async function judge(
  scenario: Scenario,
  seed: number,
  framework: Framework,
  prometheus: { readonly address: string; readonly targets: string },
  { isAlone = false } = {},
): Promise<readonly Judgement[]> {
  const stage = await play(scenario, seed, framework, prometheus.targets, isAlone);
  try {
    await delay(1000 * (scenario.judgedAfter ?? 0));
    const asked = CONTESTANTS.filter(
      ({ library, queries }) => stage.libraries.includes(library) && (queries === 'ours' || !isAlone),
    );
    return await Promise.all(
      asked.map(async ({ library, queries, templateFor }) => ({
        scenario: scenario.name,
        seed,
        framework,
        contestant: { library, queries },
        right: scenario.right,
        result: await analyzeArgo({
          templates: [templateFor(scenario.manifests)],
          args: {
            'canary-hash': stage.hashes.canary,
            'stable-hash': stage.hashes.stable,
            ...(queries === 'ours' ? scenario.args : {}),
          },
          prometheus: prometheus.address,
          clock: createWallClock(),
        }),
      })),
    );
  } finally {
    await stage.close();
  }
}

/** Runs tasks in order, with a limit on how many run at the same time. */
export async function inTurn<T, R>(
  items: readonly T[],
  room: number,
  run: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [i, item] of queue) results[i] = await run(item);
  };
  await Promise.all(Array.from({ length: room }, work));
  return results;
}
