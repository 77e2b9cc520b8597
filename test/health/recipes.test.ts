import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { build } from '../support/build.js';
import { randomOf } from '../support/random.js';
import { type Sum, startLoad } from './load.js';
import { areNamespacesMissing, endScripts, type ScriptOptions, type Service, startService } from './scripts.js';

// Each recipe has the defaults of Coalmine, like an app without options.
const DRAIN_SECONDS = 5;
// The longest time that a request in flight still takes at the end of the drain.
const WORK_MILLISECONDS = 1_200;
// The time from the end of the last request to the end of the process.
const SOON_SECONDS = 12;

// Makes a recipe import the version of Nest in NEST_VERSION.
const NEST_HOOK = new URL('../nest/fixtures/version.mjs', import.meta.url).href;
const NEST = /^Nest (\d+)$/;
const RECIPES: readonly (readonly [name: string, script: string, ...args: readonly string[]])[] = [
  ['Apollo Server on Express', 'apollo-express.mjs'],
  ['Apollo Server on Fastify', 'apollo-fastify.mjs'],
  ['Nest 11 on Express', 'nest-express.mjs', 'Nest 11'],
  ['Nest 11 on Fastify', 'nest-fastify.mjs', 'Nest 11'],
  ['Nest 12 on Express', 'nest-express.mjs', 'Nest 12'],
  ['Nest 12 on Fastify', 'nest-fastify.mjs', 'Nest 12'],
  ['the SDK of OpenTelemetry', 'opentelemetry.mjs'],
  ['signal-exit 3', 'signal-exit.mjs', '3'],
  ['signal-exit 4', 'signal-exit.mjs', '4'],
  ['signal-exit 3 and 4', 'signal-exit.mjs', '3 and 4'],
  ['close-with-grace', 'close-with-grace.mjs'],
  ['app.close() by the app', 'app-close.mjs'],
  ['@fastify/websocket', 'websocket.mjs'],
];
// The times of the signals, in milliseconds. Nest, Apollo Server and signal-exit send one more signal themselves.
const WAYS = [
  { way: 'once', signals: [0], isFirst: false },
  // Linux ignores a signal that the first process of a container sends to itself, unless the process listens for it.
  { way: 'three times, as the first process of a container', signals: [0, 100, 1_500], isFirst: !areNamespacesMissing },
] as const;

/** The shutdown of a service. */
interface End extends Sum {
  readonly code: number | NodeJS.Signals;
  /** When the other library did its work, in seconds after the first signal. */
  readonly turns: readonly number[];
  /** The time from the first signal to the end of the process. */
  readonly seconds: number;
  readonly said: string;
}

// `npm run drains` plays each recipe in both ways. Other runs use one way for each recipe, in turn.
const PLAYS = RECIPES.flatMap(([name, script, ...args], i) =>
  WAYS.filter((_way, j) => process.env.RECIPES === 'all' || i % 2 === j).map((way) => ({ name, script, args, ...way })),
);
const ends = new Map<(typeof PLAYS)[number], Promise<End>>();

beforeAll(async () => {
  build('node', 'express', 'fastify', 'nest');
  // The services drain side by side. Only a few start at the same time, because the load of the others takes most of the CPU.
  const waiting = [...PLAYS];
  const starters = Array.from({ length: 3 }, async () => {
    for (let play = waiting.shift(); play !== undefined; play = waiting.shift()) {
      const service = await startRecipe(play.script, play);
      ends.set(play, end(service, play.signals));
    }
  });
  await Promise.all(starters);
});
afterAll(endScripts);

describe('a process that gets the signal', () => {
  for (const play of PLAYS) {
    it(`${play.way} loses no request beside ${play.name}, and ends with 0`, async () => {
      const { code, answered, lost, turns, seconds, said } = await (ends.get(play) as Promise<End>);
      expect({ code, lost }, said).toEqual({ code: 0, lost: [] });
      expect(answered).toBeGreaterThan(20);
      expect(turns).toHaveLength(1);
      expect(turns[0]).toBeGreaterThan(DRAIN_SECONDS);
      expect(seconds).toBeLessThan(DRAIN_SECONDS + WORK_MILLISECONDS / 1_000 + SOON_SECONDS);
    });
  }
});

it('a drain closes the sockets of @fastify/websocket when it is over, and not before', async () => {
  const service = await startRecipe('websocket.mjs');
  const socket = new WebSocket(`ws://127.0.0.1:${service.port}/echo`);
  await once(socket, 'open');
  const closed = once(socket, 'close').then(() => performance.now());
  const startedAt = performance.now();
  service.terminate();
  await service.until('/readyz', 503);
  await delay(startedAt + 1_000 * (DRAIN_SECONDS - 0.5) - performance.now());
  socket.send('still here');
  expect(String((await once(socket, 'message'))[0])).toBe('still here');
  const seconds = ((await closed) - startedAt) / 1_000;
  expect(await service.ended).toBe(0);
  expect(seconds).toBeGreaterThan(DRAIN_SECONDS);
  expect(seconds).toBeLessThan(DRAIN_SECONDS + SOON_SECONDS);
});

async function startRecipe(script: string, { args = [], isFirst = false }: ScriptOptions = {}): Promise<Service> {
  const [, version] = NEST.exec(String(args[0])) ?? [];
  const service = await startService(`recipes/${script}`, {
    ...(version === undefined ? { args } : { command: [process.execPath, '--import', NEST_HOOK] }),
    isFirst,
    env: { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', NEST_VERSION: version },
  });
  await service.until('/readyz', 200);
  return service;
}

/** Ends a service under load. */
async function end(service: Service, signals: readonly number[]): Promise<End> {
  const random = randomOf(service.port);
  const load = startLoad(service.port, { kept: 3, fresh: 3, pause: 400, work: WORK_MILLISECONDS, random });
  await delay(500);
  const startedAt = Date.now();
  const sum = load.stop(performance.now() + 1_000 * DRAIN_SECONDS);
  for (const signal of signals) {
    await delay(startedAt + signal - Date.now());
    service.terminate();
  }
  const code = await service.ended;
  const { said } = service;
  const turns = Array.from(said.matchAll(/^ended at (\d+)$/gm), ([, at]) => (Number(at) - startedAt) / 1_000);
  return { ...(await sum), code, turns, seconds: (Date.now() - startedAt) / 1_000, said };
}
