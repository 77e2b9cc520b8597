import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CoalmineOptions } from '@coalmine/node';
import { type Seen, send } from '../support/client.js';

export interface ShopOptions {
  readonly framework?: 'fastify' | 'express';
  /** @defaultValue a free port */
  readonly port?: number;
  readonly options?: CoalmineOptions;
  /** Whether each response is a 500. */
  readonly isBroken?: boolean;
  /** For how many seconds each response takes 0.6 s. @defaultValue `0` */
  readonly slowSeconds?: number;
  /** When the slow time starts. @defaultValue the first user */
  readonly slowFrom?: 'start';
}

/** A release of a shop in its own process. */
export interface Shop {
  readonly port: number;
  /** Sends users at a steady rate for some seconds, and returns what they have seen. */
  drive(perSecond: number, seconds: number): Promise<readonly Seen[]>;
  /** Ends the process as a crash does. */
  crash(): Promise<void>;
}

const SHOP = fileURLToPath(new URL('./fixtures/shop.mjs', import.meta.url));

export async function startShop(options: ShopOptions): Promise<Shop> {
  // The shop uses the built packages, even if the tests use the sources.
  const child: ChildProcess = fork(SHOP, [JSON.stringify({ port: 0, ...options })], { execArgv: [] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the shop ended by itself (${code})`);
  });
  const [{ port }] = (await Promise.race([once(child, 'message'), ended])) as [{ port: number }];
  // From now on, the end of the process is expected.
  ended.catch(() => {});
  return {
    port,
    drive(perSecond, seconds) {
      const users = Array.from({ length: perSecond * seconds }, async (_, i) => {
        await delay((1000 * i) / perSecond);
        return send(port, '/items');
      });
      return Promise.all(users);
    },
    async crash() {
      const exited = once(child, 'exit');
      child.send('crash');
      await exited;
    },
  };
}
