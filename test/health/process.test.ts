import { utimes } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import {
  areNamespacesMissing,
  endScripts,
  type Script,
  type ScriptOptions,
  startScript,
  startService,
} from './scripts.js';

const NODE_WATCH = [process.execPath, '--watch'] as const;
const TSX_WATCH = [process.execPath, createRequire(import.meta.url).resolve('tsx/cli'), 'watch'] as const;
const RESTARTS = 3;
const STARTED = 'Started at (\\d+)';
const LISTENING = 'Listening on http://127.0.0.1:(\\d+)';

beforeAll(() => build('node', 'express', 'fastify'), 180_000);
afterAll(endScripts);

describe.skipIf(areNamespacesMissing).each(['fastify', 'express'])(
  'the first process of a container, on %s',
  (name) => {
    it('ends at SIGTERM while it boots', async () => {
      const script = startScript('processes/booting.mjs', { args: [name], isFirst: true });
      await script.heard(/^Booting$/m);
      const startedAt = performance.now();
      script.terminate();
      expect(await script.ended, script.said).toBe(143);
      expect(performance.now() - startedAt).toBeLessThan(18_000);
    });
  },
);

describe('a process that drains within 0.3 s', () => {
  it.concurrent.each(['a timer', 'a pool', 'a second server'])(
    'ends soon after, with 0, though held by %s',
    async (holder) => {
      const service = await startService('processes/held.mjs', { args: [holder] });
      await service.until('/readyz', 200);
      const startedAt = performance.now();
      service.terminate();
      expect(await service.ended, service.said).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(18_000);
    },
  );
});

describe('a process whose server only gets connections that another server hands over', () => {
  it('drains, also while there is no connection', async () => {
    const service = await startService('processes/handed.mjs');
    // On Express, Coalmine learns of the server from the first request.
    await service.until('/livez', 200);
    await service.until('/readyz', 200);
    service.terminate();
    expect(await service.ended, service.said).toBe(0);
    expect(service.said).toMatch(/draining because of SIGTERM.* 0 connections were cut/s);
  });
});

describe('a watcher, which ends a service whenever a file changes', () => {
  it('starts the service as soon as it does without Coalmine', async () => {
    const seconds = await restartSeconds([
      { command: NODE_WATCH, args: ['coalmine'] },
      { command: NODE_WATCH },
      { command: TSX_WATCH, args: ['coalmine'] },
      { command: TSX_WATCH },
    ]);
    const [node = 0, plainNode = 0, tsx = 0, plainTsx = 0] = seconds;
    // 0.3 s on an idle machine. A busy machine slows both.
    expect(node).toBeLessThan(0.3 + 2 * plainNode);
    expect(tsx).toBeLessThan(0.3 + 2 * plainTsx);
  });
});

/** Returns the shortest times from a change to the first line of the service, with Coalmine and without. */
async function restartSeconds(watched: readonly ScriptOptions[]): Promise<readonly number[]> {
  const scripts = watched.map((options) => startScript('processes/watched.mjs', options));
  const file = fileURLToPath(new URL('processes/watched.mjs', import.meta.url));
  const shortest = watched.map(() => Number.POSITIVE_INFINITY);
  for (let starts = 1; starts <= RESTARTS; starts += 1) {
    // A browser keeps its connection to the service in development.
    const ports = await Promise.all(scripts.map((script) => nth(script, LISTENING, starts)));
    const agent = new Agent({ keepAlive: true });
    for (const port of ports) expect(await statusOf(port, agent)).toBe(200);
    const now = new Date();
    await utimes(file, now, now);
    const startedAt = await Promise.all(scripts.map((script) => nth(script, STARTED, starts + 1)));
    for (const [i, at] of startedAt.entries()) {
      shortest[i] = Math.min(shortest[i] ?? 0, (at - now.getTime()) / 1_000);
    }
    agent.destroy();
  }
  return shortest;
}

/** Returns the number in the nth line of a kind. */
async function nth(script: Script, line: string, n: number): Promise<number> {
  return Number((await script.heard(new RegExp(`(?:^${line}$[^]*?){${n}}`, 'm')))[1]);
}

function statusOf(port: number, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = get({ host: '127.0.0.1', port, path: '/work/0', agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    });
    sent.once('error', reject);
  });
}
