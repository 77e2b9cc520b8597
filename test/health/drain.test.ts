import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { endPods, POD_FRAMEWORKS, type Pod, startPod } from './pods.js';

afterEach(endPods);

const registry = { warmup: false } as const;

/** Sends requests of a client that keeps its connections and uses any ready pod, as behind a Service. */
class Users {
  readonly seen: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 20 });
  #isOver = false;

  readonly #pods: readonly Pod[];

  constructor(pods: readonly Pod[]) {
    this.#pods = pods;
  }

  async send(): Promise<void> {
    const all = Array.from({ length: 8 }, async () => {
      while (!this.#isOver) this.seen.push(await this.#one());
    });
    await Promise.all(all);
    this.#agent.destroy();
  }

  stop(): void {
    this.#isOver = true;
  }

  /** The pods of a load balancer, which learns of a change a moment later. */
  readonly ready = new Set<Pod>();

  async balance(): Promise<void> {
    while (!this.#isOver) {
      for (const pod of this.#pods) {
        const answer = await pod.probe('/readyz').catch(() => 'gone');
        if (answer.startsWith('200')) this.ready.add(pod);
        else this.ready.delete(pod);
      }
      await delay(50);
    }
  }

  #one(): Promise<string> {
    const [pod] = [...this.ready].sort(() => Math.random() - 0.5);
    return new Promise((resolve) => {
      const sent = httpRequest(
        { host: '127.0.0.1', port: pod?.port, path: '/work/15', agent: this.#agent },
        (response) => {
          response.resume();
          response.on('end', () => resolve(String(response.statusCode)));
          response.on('error', (error) => resolve(error.message));
        },
      );
      sent.on('error', (error) => resolve(error.message));
      sent.end();
    });
  }
}

describe.each(POD_FRAMEWORKS)('a pod on %s', (framework) => {
  it('becomes unready at once when it is asked to end, serves on, and loses no request', async () => {
    const options = { ...registry, health: { drainSeconds: 1, closeSeconds: 5 } };
    const pods = await Promise.all([startPod(framework, options), startPod(framework, options)]);
    const users = new Users(pods);
    const balancing = users.balance();
    while (users.ready.size < 2) await delay(10);
    const load = users.send();
    await delay(500);
    const [leaving] = pods;
    const before = users.seen.length;
    leaving.child.kill('SIGTERM');
    await leaving.until('/readyz', '503 fail');
    // Draining does not change liveness, because Kubernetes would kill the pod in the middle of its requests.
    expect(await leaving.probe('/livez')).toBe('200 pass');
    expect(await leaving.probe('/work/1')).toBe('200 done');
    expect(await leaving.ended).toBe(0);
    await delay(200);
    users.stop();
    await Promise.all([load, balancing]);
    expect(users.seen.length).toBeGreaterThan(before);
    expect(new Set(users.seen)).toEqual(new Set(['200']));
  });

  it('finishes requests in flight after it has stopped listening, and ends requests that never finish', async () => {
    const pod = await startPod(framework, { ...registry, health: { drainSeconds: 0, closeSeconds: 1.5 } });
    const slow = pod.probe('/work/700');
    const endless = pod.probe('/work/60000').catch(() => 'cut');
    const inFlight = async () => /^http_requests_in_flight (\d+)$/m.exec(await pod.probe('/metrics'))?.[1];
    await expect.poll(inFlight).toBe('2');
    const startedAt = Date.now();
    pod.child.kill('SIGTERM');
    expect(await slow).toBe('200 done');
    expect(await endless).toBe('cut');
    await pod.ended;
    expect(Date.now() - startedAt).toBeLessThan(30_000);
  });

  it('does not wait for closeSeconds if it never got a request', async () => {
    const pod = await startPod(framework, { ...registry, health: { drainSeconds: 0.2, closeSeconds: 30 } });
    const startedAt = Date.now();
    pod.child.kill('SIGTERM');
    expect(await pod.ended).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(20_000);
  });

  it('drains for its time, however often it is asked to end, and ends with 0', async () => {
    const pod = await startPod(framework, { ...registry, health: { drainSeconds: 0.5 } });
    await pod.probe('/readyz');
    const startedAt = performance.now();
    pod.child.kill('SIGTERM');
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) {
      await delay(100);
      pod.child.kill(signal);
    }
    expect(await pod.ended).toBe(0);
    expect(performance.now() - startedAt).toBeGreaterThan(500);
  });

  it('leaves signals to the app if the options say so', async () => {
    const pod = await startPod(framework, { ...registry, health: { signals: [] } });
    pod.child.kill('SIGTERM');
    expect(await pod.ended).toBe('SIGTERM');
  });
});
