import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { send } from '../support/client.js';
import { endScripts, type Service, startService } from './scripts.js';

const WORKERS = 2;

beforeAll(() => build('node', 'express', 'fastify'), 180_000);
afterAll(endScripts);

describe.concurrent('the primary of a cluster, as documented', () => {
  it.each(['process', 'group'] as const)(
    'passes on a SIGTERM to its %s, and ends with 0 when all workers have drained',
    async (whom) => {
      const service = await startCluster('fastify', { drainSeconds: 3, endSeconds: 60 });
      const inFlight = Array.from({ length: 20 }, () => send(service.port, '/work/800'));
      await workersOf(service);
      const startedAt = performance.now();
      service.terminate(whom);
      await service.until('/readyz', 503);
      const late = await send(service.port, '/work/10');
      expect(late).toEqual({ status: 200, body: 'done' });
      expect(new Set((await Promise.all(inFlight)).map((seen) => JSON.stringify(seen)))).toEqual(
        new Set(['{"status":200,"body":"done"}']),
      );
      expect(await service.ended, service.said).toBe(0);
      // A listener that only prints keeps neither a worker nor the primary alive.
      expect(service.said.match(/^Heard of SIGTERM$/gm)).toHaveLength(WORKERS + 1);
      expect(performance.now() - startedAt).toBeLessThan(50_000);
      // The primary continues to fork at each exit.
      expect(service.said.match(/^Worker /gm)).toHaveLength(WORKERS);
    },
  );

  it('keeps serving while one worker drains, and then forks another', async () => {
    const service = await startCluster('express');
    const [first = 0] = await workersOf(service);
    const slow = Array.from({ length: 10 }, () => send(service.port, '/work/700'));
    process.kill(first, 'SIGTERM');
    await service.heard(new RegExp(`(?:^Worker[^]*?){${WORKERS + 1}}`, 'm'));
    for (const seen of await Promise.all(slow)) expect(seen).toEqual({ status: 200, body: 'done' });
    const pids = await workersOf(service);
    expect(pids).not.toContain(first);
    service.terminate();
    expect(await service.ended, service.said).toBe(0);
  });

  it('kills a worker that hangs, and says so', async () => {
    const service = await startCluster('fastify', { endSeconds: 1.5 });
    const pids = await workersOf(service);
    const hanging = send(service.port, '/hang');
    service.terminate();
    await service.ended;
    expect(await hanging).toBe('cut before headers');
    const [, killed] =
      /COALMINE_WORKERS_KILLED.*1 of 2 workers had not ended 1\.5 s after the signal and were killed: (\d+)/.exec(
        service.said,
      ) ?? [];
    expect(pids).toContain(Number(killed));
  });
});

function startCluster(framework: string, { drainSeconds = 0.5, endSeconds = 20 } = {}): Promise<Service> {
  return startService('drains/shop.mjs', { args: [framework, WORKERS, drainSeconds, endSeconds] });
}

/** Returns the processes that serve, after each of them has served a request. */
async function workersOf({ port }: Service): Promise<readonly number[]> {
  const pids = new Set<number>();
  while (pids.size < WORKERS) {
    const seen = await send(port, '/pid');
    if (typeof seen === 'object') pids.add(Number(seen.body));
  }
  return [...pids];
}
