import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createHealth, createInstrument } from '@coalmine/node';
import { Registry } from 'prom-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { send, until } from '../support/client.js';

const fixture = fileURLToPath(new URL('./fixtures/closed-apps.mjs', import.meta.url));

// Uses a new process, in which only the apps could keep anything in memory.
beforeAll(() => build('metrics', 'node', 'express'), 180_000);

describe.each(['express', 'node:http'])('apps of %s whose servers have closed', (kind) => {
  it.each([
    ['each with a registry of its own', {}],
    ['on one registry', { registry: 'shared' }],
    ['on one registry, with checks', { registry: 'shared', health: { checks: {} } }],
    ['on one registry that somebody else shows', { registry: 'shared', metrics: { path: false } }],
    ['without health', { registry: 'shared', health: false }],
  ])('are not kept in memory, %s', async (_title, options) => {
    const arguments_ = ['--expose-gc', fixture, kind, JSON.stringify(options)];
    const { stdout } = await promisify(execFile)(process.execPath, arguments_);
    expect(JSON.parse(stdout)).toEqual({ alive: 0, signals: [0, 0], timers: 0, readings: [] });
  });
});

describe('a server that has closed', () => {
  it('pauses its checks and its handling of signals until it listens again', async () => {
    let runs = 0;
    let witness = 0;
    const check = { run: () => void runs++, periodSeconds: 0.01 };
    const other = createHealth({ checks: { it: { run: () => void witness++, periodSeconds: 0.01 } }, signals: [] });
    other.start();
    const instrument = createInstrument({ registry: new Registry(), health: { checks: { it: check } } });
    const server = createServer(instrument.handler((_request, response) => response.end('an item')));
    const listeners = process.listenerCount('SIGTERM');
    const listen = async (): Promise<number> => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    };
    for (let round = 0; round < 2; round++) {
      expect(await send(await listen(), '/items/1')).toMatchObject({ status: 200 });
      const before = runs;
      await until(() => runs > before + 2, 'some runs of the check');
      expect(process.listenerCount('SIGTERM')).toBe(listeners);

      await new Promise((resolve) => server.close(resolve));
      expect(process.listenerCount('SIGTERM')).toBe(listeners - 1);
      const [afterwards, witnessed] = [runs, witness];
      await until(() => witness > witnessed + 5, 'runs of the check of another app');
      expect(runs).toBe(afterwards);
    }
    other.close();
    await instrument.close();
  });
});
