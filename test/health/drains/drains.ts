import { setTimeout as delay } from 'node:timers/promises';
import { type Random, randomOf } from '../../support/random.js';
import { isNginxMissing, startIngress } from '../ingress.js';
import { type Sum, startLoad } from '../load.js';
import { type Service, startService } from '../scripts.js';

// Sends SIGTERM at a random moment, under load, to services that run in different ways. If clients open no new connection after
// readiness has been 503 for the duration of the drain, each request that they send must get a response.

const DRAIN_SECONDS = 0.5;
// An ingress needs a moment to learn of the change.
const INGRESS_DRAIN_SECONDS = 2;
const WORKERS = 2;

/** One shutdown of a service. */
export interface Moment {
  readonly framework: 'fastify' | 'express';
  readonly isCluster: boolean;
  readonly hasIngress: boolean;
  /** The time from the start of the load to the first signal. */
  readonly milliseconds: number;
  /** Which processes get the signals: the started process, or the whole group, as at a terminal. */
  readonly isForGroup: boolean;
  /** The number of signals, 50 ms apart. */
  readonly signals: number;
  readonly seed: number;
}

export interface Drained extends Sum {
  readonly moment: Moment;
  readonly code: number | NodeJS.Signals;
}

/** Returns a number of moments that depend on the seed: each framework, alone and in a cluster, with and without nginx. */
export function momentsOf(seed: number, count: number): readonly Moment[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, i) => ({
    framework: i % 2 === 0 ? 'fastify' : 'express',
    isCluster: i % 4 >= 2,
    hasIngress: i % 8 >= 4 && !isNginxMissing,
    milliseconds: random.below(600),
    isForGroup: random.chance(0.3),
    signals: 1 + random.below(3),
    seed: random.below(2 ** 31),
  }));
}

/** Plays moments, a number of them at the same time, and calls `drained` after each. */
export async function playMoments(
  moments: readonly Moment[],
  atOnce: number,
  drained: (drained: Drained) => void = () => {},
): Promise<readonly Drained[]> {
  const all: Drained[] = [];
  const waiting = [...moments];
  const players = Array.from({ length: atOnce }, async () => {
    for (let moment = waiting.shift(); moment !== undefined; moment = waiting.shift()) {
      const played = await playMoment(moment);
      all.push(played);
      drained(played);
    }
  });
  await Promise.all(players);
  return all;
}

async function playMoment(moment: Moment): Promise<Drained> {
  const random = randomOf(moment.seed);
  const service = await startShop(moment);
  return moment.hasIngress ? playBehindIngress(service, moment, random) : playDirectly(service, moment, random);
}

async function startShop({ framework, isCluster, hasIngress }: Moment): Promise<Service> {
  const args = [framework, isCluster ? WORKERS : 0, hasIngress ? INGRESS_DRAIN_SECONDS : DRAIN_SECONDS];
  const service = await startService('drains/shop.mjs', { args });
  await service.until('/readyz', 200);
  return service;
}

/** Starts clients that find the pod themselves, and leave it when they must know that it is not ready. */
async function playDirectly(service: Service, moment: Moment, random: Random): Promise<Drained> {
  const load = startLoad(service.port, { kept: 5, fresh: 5, pause: 60, work: 400, random });
  await delay(moment.milliseconds);
  const sum = load.stop(performance.now() + 1_000 * DRAIN_SECONDS);
  await signal(service, moment);
  return { moment, code: await service.ended, ...(await sum) };
}

/** Starts clients of an ingress with two pods, one of which ends. The clients never stop. */
async function playBehindIngress(service: Service, moment: Moment, random: Random): Promise<Drained> {
  const other = await startShop({ ...moment, isCluster: false });
  const ingress = await startIngress([service.port, other.port]);
  // A client that keeps its connection to nginx may lose it when nginx reloads its configuration.
  const load = startLoad(ingress.port, { kept: 0, fresh: 10, pause: 60, work: 400, random });
  await delay(moment.milliseconds);
  await Promise.all([signal(service, moment), service.until('/readyz', 503).then(() => ingress.route([other.port]))]);
  const code = await service.ended;
  await delay(100);
  const sum = await load.stop();
  await ingress.close();
  other.terminate();
  await other.ended;
  return { moment, code, ...sum };
}

async function signal(service: Service, { isForGroup, signals }: Moment): Promise<void> {
  for (let i = 0; i < signals; i += 1) {
    if (i > 0) await delay(50);
    service.terminate(isForGroup ? 'group' : 'process');
  }
}
