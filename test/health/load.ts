import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../support/random.js';

/** The requests of the clients of a service, and their results. */
export interface Sum {
  readonly answered: number;
  /** Requests without a 200, each with its path, its age and the reason. */
  readonly lost: readonly string[];
}

export interface Load {
  /**
   * Sends no more requests from now on, or from an instant on the clock of `performance.now()`. Resolves when each request that
   * was sent is over.
   */
  stop(at?: number): Promise<Sum>;
}

export interface LoadOptions {
  /** The number of clients that keep their connection as long as the service does. */
  readonly kept: number;
  /** The number of clients that open a connection for each request. */
  readonly fresh: number;
  /** The longest time that a client waits before its next request, in milliseconds. */
  readonly pause: number;
  /** The longest time that a request asks the service to take, in milliseconds. */
  readonly work: number;
  readonly random: Random;
}

/** Sends requests for `/work/<milliseconds>` to a port, from several clients at the same time. */
export function startLoad(port: number, { kept, fresh, pause, work, random }: LoadOptions): Load {
  const agents = Array.from({ length: kept }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const lost: string[] = [];
  const stopped = new AbortController();
  // A client looks at the clock before each request: on a busy machine, a timer may come too late.
  let stopAt = Number.POSITIVE_INFINITY;
  let answered = 0;
  const clients = [...agents, ...Array.from({ length: fresh }, () => false as const)].map(async (agent) => {
    while (performance.now() < stopAt) {
      const path = `/work/${random.below(work)}`;
      const sentAt = performance.now();
      const seen = await send(port, path, agent);
      if (seen === '200 done') answered += 1;
      else lost.push(`${path} after ${(performance.now() - sentAt).toFixed(0)} ms: ${seen}`);
      await delay(random.below(pause), undefined, { signal: stopped.signal }).catch(() => {});
    }
  });
  return {
    async stop(at = performance.now()) {
      stopAt = at;
      await delay(at - performance.now());
      stopped.abort();
      await Promise.all(clients);
      for (const agent of agents) agent.destroy();
      return { answered, lost };
    },
  };
}

/** Returns the status and the body of a response, or the error instead. */
function send(port: number, path: string, agent: Agent | false): Promise<string> {
  return new Promise((resolve) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve(`${response.statusCode} ${body}`));
      response.on('error', (error) => resolve(error.message));
    });
    sent.on('error', (error) => resolve(error.message));
    sent.end();
  });
}
