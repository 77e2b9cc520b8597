import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { calmly } from '../support/calm.js';
import { type Exposition, scrape, scrapeUntil } from '../support/exposition.js';
import { endWithRun } from '../support/server-process.js';

// The tests compare what the clients measure with what the service counts, because a busy machine slows both.

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

interface Held {
  readonly child: ChildProcess;
  readonly port: number;
  /** Opens connections that wait for requests. */
  connect(count: number): Promise<Agent>;
  scrape(): Promise<Exposition>;
  /** Scrapes until a number of requests has been counted on a route. */
  counted(route: string, count: number): Promise<Exposition>;
}

async function start(framework: string, objective: object): Promise<Held> {
  const child = fork(
    fileURLToPath(new URL('./fixtures/held.mjs', import.meta.url)),
    [framework, JSON.stringify({ objective, metrics: { buckets: [0.1, 0.2, 0.4, 0.8, 1.6] } })],
    { execArgv: [] },
  );
  running.add(child);
  endWithRun(child);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const url = `http://127.0.0.1:${port}/metrics`;
  return {
    child,
    port,
    async connect(count) {
      const agent = new Agent({ keepAlive: true, maxSockets: count });
      await Promise.all(Array.from({ length: count }, () => get(port, '/later', { agent })));
      return agent;
    },
    scrape: () => scrape(url),
    counted: (route, count) => scrapeUntil(url, (each) => each.sum('http_requests_total', { route }) >= count),
  };
}

/** Sends a request. Returns the seconds until the end of its response, or `undefined` if the client left before. */
function get(port: number, path: string, options: { agent?: Agent | false; leaveAfter?: number } = {}) {
  const { agent = false, leaveAfter } = options;
  return new Promise<number | undefined>((resolve) => {
    const sentAt = performance.now();
    const request = httpRequest({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume().once('end', () => resolve((performance.now() - sentAt) / 1000));
    });
    request.once('error', () => resolve(undefined));
    request.end();
    if (leaveAfter !== undefined) setTimeout(() => request.destroy(), leaveAfter);
  });
}

/** Returns the service's numbers of a route: the sum of the seconds, and the requests over a bound. */
function timesOf(exposition: Exposition, route: string, bound: number) {
  const count = exposition.sum('http_request_duration_seconds_count', { route });
  return {
    seconds: exposition.sum('http_request_duration_seconds_sum', { route }),
    over: count - exposition.sum('http_request_duration_seconds_bucket', { route, le: bound }),
  };
}

const sum = (numbers: readonly (number | undefined)[]): number =>
  numbers.reduce<number>((total, each) => total + (each ?? 0), 0);

// A client that is late itself measures more than the service does.
const calm = (test: () => Promise<void>): (() => Promise<void>) => calmly(30, test);

describe.each(['fastify', 'express', 'node'])('a request to a %s whose event loop is held', (framework) => {
  it.each(['/hold', '/hold-later'])('has waited since its arrival, on an open connection (%s)', (holding) =>
    calm(async () => {
      const service = await start(framework, { latency: 0.2 });
      const agent = await service.connect(12);
      const held = get(service.port, `${holding}?600`, { agent });
      await delay(50);
      const waited: Promise<number | undefined>[] = [];
      for (let i = 0; i < 10; i++) {
        waited.push(get(service.port, '/fast', { agent }));
        await delay(50);
      }
      const seen = await Promise.all(waited);
      await held;
      agent.destroy();
      const { seconds, over } = timesOf(await service.counted('/fast', 10), '/fast', 0.2);
      expect(seconds / sum(seen)).toBeGreaterThan(0.8);
      expect(seconds / sum(seen)).toBeLessThan(1.2);
      expect(Math.abs(over - seen.filter((each) => (each ?? 0) > 0.2).length)).toBeLessThanOrEqual(2);
    })(),
  );

  it.skipIf(process.platform !== 'linux')(
    'has waited since its arrival, on a new connection',
    calm(async () => {
      const service = await start(framework, { latency: 0.2 });
      await service.connect(1);
      const waited: Promise<number | undefined>[] = [];
      for (let i = 0; i < 12; i++) {
        waited.push(get(service.port, '/hold?120'));
        await delay(40);
      }
      const seen = await Promise.all(waited);
      const { seconds } = timesOf(await service.counted('/hold', 12), '/hold', 0.2);
      // A timer in the process would measure 120 ms for each.
      expect(seconds / sum(seen)).toBeGreaterThan(0.7);
      expect(seconds / sum(seen)).toBeLessThan(1.2);
    }),
  );

  // On a busy machine, 20 ms pass before Node sees that the client has left.
  it.each(['/fast', '/much-later'])('was failed if its client gave up past the patience (%s)', async (path) => {
    const service = await start(framework, { latency: 0.1, patience: 0.4 });
    const agent = await service.connect(4);
    const held = get(service.port, '/hold?2500', { agent });
    // The loop is held by that time, even on a busy machine.
    await delay(500);
    const gone = get(service.port, path, { agent, leaveAfter: 1_000 });
    const patient = get(service.port, '/fast', { agent });
    expect(await gone).toBeUndefined();
    await Promise.all([held, patient]);
    // A client that closes its connection at once would look like a client that gave up.
    const exposition = await service.counted(path, path === '/fast' ? 2 : 1);
    agent.destroy();
    expect(exposition.requests('http_errors_total')).toEqual({ [`GET ${path} 504`]: 1 });
    expect(exposition.requests()['GET /fast 200']).toBe(1);
  });

  it('takes no longer than its client measures if the event loop is free', async () => {
    const service = await start(framework, { latency: 0.2 });
    const agent = await service.connect(2);
    const before = timesOf(await service.scrape(), '/later', 0.2);
    const seen: (number | undefined)[] = [];
    for (let i = 0; i < 40; i++) {
      seen.push(await get(service.port, '/later', { agent }));
      // Sometimes nothing is in flight for longer than the timer takes.
      if (i % 4 === 0) await delay(60);
    }
    agent.destroy();
    const { seconds } = timesOf(await service.counted('/later', 42), '/later', 0.2);
    expect(seconds - before.seconds).toBeLessThanOrEqual(sum(seen) + 0.04);
  });
});

describe('the event loop', () => {
  it('has counters of its active and idle time', async () => {
    const service = await start('node', {});
    const agent = await service.connect(1);
    const before = loopTimes(await service.scrape());
    const startedAt = performance.now();
    for (let i = 0; i < 10; i++) {
      await get(service.port, '/hold?100', { agent });
      await delay(50);
    }
    const elapsed = (performance.now() - startedAt) / 1000;
    const after = loopTimes(await service.scrape());
    agent.destroy();
    const active = after.active - before.active;
    const idle = after.idle - before.idle;
    expect(active).toBeGreaterThanOrEqual(1);
    // Both together are the whole time.
    expect((active + idle) / elapsed).toBeGreaterThan(0.9);
    expect((active + idle) / elapsed).toBeLessThan(1.3);
    expect(idle).toBeGreaterThan(0.3);
  });

  it('is not watched while a service serves nothing, and keeps no process alive', async () => {
    const service = await start('node', {});
    const agent = await service.connect(3);
    agent.destroy();
    await service.counted('/later', 3);
    const turns = async (): Promise<number> => {
      service.child.send('turns');
      const [told] = (await once(service.child, 'message')) as [{ turns: number }];
      return told.turns;
    };
    // One tick after the last request. Ticks are 20 ms apart.
    await delay(200);
    const before = await turns();
    await delay(1_000);
    // The scrape itself, and what Node does once a second. A timer of 20 ms would add 50.
    expect((await turns()) - before).toBeLessThan(15);
    const ended = once(service.child, 'exit');
    service.child.send('close');
    expect(await ended).toEqual([0, null]);
  });
});

function loopTimes(exposition: Exposition): { readonly active: number; readonly idle: number } {
  const of = (state: string): number =>
    exposition.value('nodejs_eventloop_time_seconds_total', { nodejs_eventloop_state: state }) ?? Number.NaN;
  return { active: of('active'), idle: of('idle') };
}
