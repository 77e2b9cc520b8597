import { readFile } from 'node:fs/promises';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWork, type Work } from './work.js';

let work: Work;
beforeEach(() => {
  work = createWork();
});
afterEach(() => work.forget());

const ended = (): Promise<void> => vi.waitFor(() => expect(work.isUnderWay()).toBe(false), 100_000);

describe('the work that a function has begun', () => {
  it('does not exist if the function only returns a text', () => {
    expect(work.begin(() => `${Math.random()} said`)).toMatch(/said$/);
    expect(work.isUnderWay()).toBe(false);
  });

  it.each<[string, () => unknown]>([
    ['a promise', () => void delay(20)],
    [
      'a chain of promises',
      () =>
        void delay(5)
          .then(() => delay(5))
          .then(() => delay(5)),
    ],
    ['an async function', () => void (async () => void (await readFile(import.meta.filename)))()],
    ['a timer', () => setTimeout(() => setTimeout(() => {}, 10), 10)],
  ])('is under way until it ends: %s', async (_name, begin) => {
    work.begin(begin);
    expect(work.isUnderWay()).toBe(true);
    await ended();
  });

  it('is under way while a request has no response, on a new or a kept connection', async () => {
    let respond = (): void => {};
    const server = createServer((_request, response) => {
      respond = () => void response.end('done');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 2; i++) {
      respond = () => {};
      const asked = new Promise((resolve) => server.once('request', resolve));
      work.begin(() => get({ host: '127.0.0.1', port, agent }, (response) => response.resume()));
      await asked;
      expect(work.isUnderWay()).toBe(true);
      respond();
      await ended();
    }
    agent.destroy();
    server.close();
  });

  it('is not under way for a timer that does not keep the process alive, or for work that others have begun', async () => {
    const timers = work.begin(() => [setInterval(() => {}, 60_000).unref(), setTimeout(() => {}, 60_000).unref()]);
    const other = delay(30);
    expect(work.isUnderWay()).toBe(false);
    await other;
    for (const timer of timers) clearTimeout(timer);
  });
});
