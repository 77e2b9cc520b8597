import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { manifestsFor, type ReleaseOptions } from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startFastify } from '../prometheus/services.js';
import { send } from '../support/client.js';
import { coalmineIn, type Ended } from '../support/command.js';
import { isPrometheusMissing, startWatchingPrometheus, type WatchingPrometheus } from '../support/prometheus.js';

const HASH = '7d9c4b8f6d';
// As often as the Prometheus of the tests scrapes.
const TIMES = ['--scrape-interval', '1', '--window', '4', '--lookback', '60', '--interval', '1', '--min-requests', '4'];
const QUESTIONS = [
  'prometheus',
  'pods',
  'hash',
  'series',
  'labels',
  'objective',
  'metrics',
  'scrape interval',
  'traffic',
];

interface Checked {
  readonly question: string;
  readonly state: string;
  readonly says: string;
  readonly remedy?: string;
}

/** Leaves out that Prometheus responds slowly, as on a busy machine. */
function withoutWaiting(said: string): string {
  return said.replace(/^waiting for .*\n/gm, '');
}

describe.skipIf(isPrometheusMissing)('coalmine check, of real services before a real Prometheus', () => {
  let prometheus: WatchingPrometheus;
  let folder = '';
  let isOver = false;
  const services: Service[] = [];
  const users: Promise<void>[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coalmine-check-'));
    prometheus = await startWatchingPrometheus();
    const busy = await serve({ objective: { latency: 0.3 } });
    const quiet = await serve();
    const otel = await serve({ metrics: { names: 'otel' } });
    const renamed = await serve({ metrics: { names: { labels: { status_code: 'status' } } } });
    for (const { port } of [busy, otel, renamed]) users.push(use(port));
    const pod = (name: string): object => ({ namespace: 'shop', pod: `${name}-${HASH}-x2x4z` });
    const hash = { rollouts_pod_template_hash: HASH };
    const targets: readonly (readonly [port: number, labels: object])[] = [
      [busy.port, { ...pod('checkout'), ...hash }],
      [quiet.port, { ...pod('quiet'), ...hash }],
      [otel.port, { ...pod('otel'), ...hash }],
      [renamed.port, { ...pod('renamed'), ...hash }],
      [busy.port, { kubernetes_namespace: 'shop', kubernetes_pod_name: `moved-${HASH}-x2x4z`, ...hash }],
      [busy.port, pod('hashless')],
      ...['a', 'b'].map((replica) => [busy.port, { ...pod('twice'), ...hash, replica }] as const),
      [busy.port, { ...pod('mislabelled'), pod_template_hash: HASH }],
      // Nobody listens on it.
      [1, { ...pod('down'), ...hash }],
    ];
    await writeFile(
      join(prometheus.targets, 'pods.json'),
      JSON.stringify(targets.map(([port, labels]) => ({ targets: [`127.0.0.1:${port}`], labels }))),
    );
    // A window of four seconds has filled for each pod that is there.
    const scraped = async (): Promise<number> =>
      (await prometheus.query('count(sum_over_time(up[1m]) >= 6)'))[0]?.value ?? 0;
    while ((await scraped()) < targets.length - 1) await delay(200);
  });
  afterAll(async () => {
    isOver = true;
    await Promise.all(users);
    await Promise.all(services.map((service) => service.close()));
    await prometheus?.close();
    await rm(folder, { recursive: true });
  });

  async function serve(options: Parameters<typeof startFastify>[0] = {}): Promise<Service> {
    const service = await startFastify(options);
    services.push(service);
    return service;
  }

  async function use(port: number): Promise<void> {
    while (!isOver) {
      await send(port, '/items/1');
      await delay(50);
    }
  }

  const check = (...args: readonly string[]): Promise<Ended> =>
    coalmineIn(folder, ['check', ...args, '-p', prometheus.address]);

  /** What is not there, of a release by name, as the template of a router that begins with half of the traffic. */
  async function missingOf(name: string, ...args: readonly string[]): Promise<readonly Checked[]> {
    const release = ['--name', name, '--namespace', 'shop', '--router', 'nginx', '--weights', '50'];
    const { out, said } = await check(...release, ...TIMES, ...args, '--json');
    expect(withoutWaiting(said)).toBe('');
    const { good, answers } = JSON.parse(out) as { good: boolean; answers: Checked[] };
    const missing = answers.filter(({ state }) => state !== 'there');
    expect(good).toBe(missing.length === 0);
    for (const { remedy } of missing) expect(remedy).not.toBe('');
    return missing;
  }

  it('reports in one line each that nothing is missing, and ends with 0', async () => {
    const { out, said, code } = await check(
      ...['--name', 'checkout', '--namespace', 'shop', '--router', 'nginx', '--weights', '50', '--latency', '0.3'],
      ...TIMES,
    );
    expect(withoutWaiting(said)).toBe('');
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => /^there {4}([\w ]+): \S/.exec(line)?.[1] ?? line)).toEqual(QUESTIONS);
    expect(out).toMatch(/pods: 1 of checkout in shop has series of Coalmine/);
    expect(out).toMatch(/scrape interval: one each (?:1s|1\d00ms); the templates expect one each 1s/);
    expect(code).toBe(0);
  });

  it('needs no hash for Flagger', async () => {
    const { out, code } = await check('flagger', '--name', 'hashless', '--namespace', 'shop', ...TIMES);
    expect(out).not.toMatch(/hash:/);
    expect(out).toMatch(/traffic: \d+ requests in 4s, of which a canary gets none before it is promoted/);
    expect(code).toBe(0);
  });

  it.each<[what: string, name: string, args: readonly string[], question: string, says: RegExp, remedy: RegExp]>([
    ['the hash', 'hashless', [], 'hash', /no rollouts_pod_template_hash on 1 of 1 pods/, /manifests prometheus/],
    [
      'the hash by its name',
      'mislabelled',
      [],
      'hash',
      /no rollouts_pod_template_hash/,
      /--label hash=pod_template_hash/,
    ],
    [
      'the objective',
      'checkout',
      ['--latency', '0.5'],
      'objective',
      /the app has 0.3 s, the templates have 0.5 s/,
      /--latency/,
    ],
    [
      'scrapes',
      'checkout',
      ['--scrape-interval', '0.25'],
      'scrape interval',
      // A busy machine loses scrapes.
      /one each (?:1s|1\d00ms), but the templates expect one each 250ms/,
      /scrape each 250ms, or give --scrape-interval 1/,
    ],
    [
      'traffic',
      'checkout',
      ['--weights', '1'],
      'traffic',
      /\d+ requests in 4s, of which a canary gets \d+ at 1 %, but 4 are needed/,
      /start at \d+ % or more \(--weights\)/,
    ],
  ])('misses %s of %s with %j', async (_what, name, args, question, says, remedy) => {
    const missing = await missingOf(name, ...args);
    // A metric has no number where app and templates differ.
    const [first, ...others] = missing.filter((each) => each.question !== 'metrics');
    expect(others).toEqual([]);
    expect(first?.question).toBe(question);
    expect(first?.says).toMatch(says);
    expect(first?.remedy).toMatch(remedy);
  });

  it('finds a pod whose requests count twice, as they do with two replicas of Prometheus', async () => {
    expect(await missingOf('twice')).toMatchObject([
      {
        question: 'pods',
        says: `twice-${HASH}-x2x4z has two series that differ in replica, so each request counts twice`,
      },
    ]);
  });

  it('reports missing users', async () => {
    expect(await missingOf('quiet')).toMatchObject([
      {
        question: 'traffic',
        says: expect.stringMatching(/^0 requests in 4s/),
        remedy: expect.stringMatching(/^send requests/),
      },
    ]);
  });

  it('reports missing series whose names are those of OpenTelemetry, and finds them by these names', async () => {
    const [series] = await missingOf('otel');
    expect(series).toMatchObject({ question: 'series', remedy: 'give --names otel' });
    expect(series?.says).toMatch(/^no .*\bhttp_requests_total, .*, but http_server_requests_total$/);
    expect(await missingOf('otel', '--names', 'otel')).toEqual([]);
    const [other] = await missingOf('checkout', '--names', 'otel');
    expect(other).toMatchObject({ question: 'series', remedy: 'leave out names: the app has the default ones' });
  });

  it('reports a missing label that has another name, and finds it by that name', async () => {
    const missing = await missingOf('renamed');
    const [labels, metrics] = missing;
    expect(missing).toHaveLength(2);
    expect(labels).toMatchObject({ question: 'labels', says: 'http_requests_total has no status_code' });
    expect(labels?.remedy).toMatch(/\(--series-label\): the series have .*\bstatus\b/);
    expect(metrics?.says).toMatch(/no number for error-ratio, .*instrumentation returns 129$/);
    expect(await missingOf('renamed', '--series-label', 'status_code=status')).toEqual([]);
  });

  it('finds pods whose labels have other names', async () => {
    const [pods, ...rest] = await missingOf('moved');
    expect(pods).toMatchObject({
      question: 'pods',
      says: 'their series have no label pod and no namespace with the name, but they have kubernetes_pod_name and kubernetes_namespace',
      remedy:
        'give --label pod=kubernetes_pod_name --label namespace=kubernetes_namespace, or make the scrape use the expected names',
    });
    // Nothing else can be said of pods that are not there.
    expect(new Set(rest.map(({ state }) => state))).toEqual(new Set(['unknown']));
    const labels = ['--label', 'pod=kubernetes_pod_name', '--label', 'namespace=kubernetes_namespace'];
    expect(await missingOf('moved', ...labels)).toEqual([]);
  });

  it.each([
    ['down', [], /the scrape of the pods of down in shop fails/, /targets of Prometheus/],
    ['nobody', [], /no pods of nobody in shop, but pods of other services/, /manifests prometheus/],
    ['nobody', ['--push'], /series of Coalmine, but none has the label k8s_pod_name/, /promote_resource_attributes/],
    ['checkout', ['--namespace', 'eu'], /they are in the namespace "shop"/, /give --namespace/],
  ])('says why it sees no pods of %s with %j', async (name, args, says, remedy) => {
    const [pods] = await missingOf(name, ...args);
    expect(pods).toMatchObject({ question: 'pods', state: 'missing' });
    expect(pods?.says).toMatch(says);
    expect(pods?.remedy).toMatch(remedy);
  });

  it.each(['argo', 'flagger'] as const)('reads the manifests for %s from a directory', async (target) => {
    const directory = await mkdtemp(join(folder, 'deploy-'));
    const options: ReleaseOptions = {
      ...{ name: 'checkout', namespace: 'shop', router: 'nginx', weights: [50], objective: { latency: 0.3 } },
      analysis: { scrapeSeconds: 1, windowSeconds: 4, lookbackSeconds: 60, intervalSeconds: 1, minRequests: 4 },
      prometheus: prometheus.address,
    };
    for (const { name, text } of manifestsFor(target, options)) await writeFile(join(directory, name), text);
    const { out, said, code } = await coalmineIn(folder, ['check', '-f', directory]);
    expect({ said: withoutWaiting(said), code }).toEqual({ said: '', code: 0 });
    expect(/^there +hash:/m.test(out)).toBe(target === 'argo');
    // A flag wins.
    expect(await coalmineIn(folder, ['check', '-f', directory, '--latency', '1'])).toMatchObject({ code: 1 });
  });

  describe('behind a proxy', () => {
    const RELEASE = ['--name', 'checkout', '--namespace', 'shop', '--router', 'nginx', '--weights', '50'];

    /** Checks through a proxy that may respond itself, or change the answer. */
    async function checkBehind(
      refuses: (query: string) => number | undefined,
      change: (answer: object) => object = (answer) => answer,
    ): Promise<Ended> {
      const proxy = createServer(async (request, response) => {
        const query = new URLSearchParams(await text(request)).get('query') ?? '';
        const status = refuses(query);
        if (status !== undefined) return response.writeHead(status).end('<html>no</html>');
        const body = new URLSearchParams({ query });
        const asked = await fetch(`${prometheus.address}/api/v1/query`, { method: 'POST', body });
        return response.writeHead(asked.status).end(JSON.stringify(change((await asked.json()) as object)));
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = proxy.address() as AddressInfo;
        return await coalmineIn(folder, ['check', ...RELEASE, ...TIMES, '-p', `http://127.0.0.1:${port}`]);
      } finally {
        proxy.close();
      }
    }

    it('names the metrics whose queries the proxy refuses', async () => {
      const isHeavy = (query: string): boolean => query.length > 500 && query.includes('http_requests_slow');
      const { out, code } = await checkBehind((query) => (isHeavy(query) ? 422 : undefined));
      expect(code).toBe(1);
      expect(out).toMatch(
        /^missing {2}metrics: .*the query fails for .*slow-ratio.*: http:\/\/127.0.0.1:\d+ responded with 422 Unprocessable Entity; /m,
      );
    });

    it.each([
      [503, /the check was interrupted: http:\S+ responded with 503 Service Unavailable\n$/],
      [401, /responded with 401 Unauthorized: it needs credentials, or other ones\n$/],
    ])('ends with 2 and a sentence if the proxy responds with %d half-way', async (status, says) => {
      const { out, said, code } = await checkBehind((query) => (query === 'vector(1)' ? undefined : status));
      expect({ out, code }).toEqual({ out: '', code: 2 });
      expect(said).toMatch(says);
    });

    it('takes a list that is null for an empty one', async () => {
      const { out, said, code } = await checkBehind(
        () => undefined,
        (answer) => ({ ...answer, data: { resultType: 'vector', result: null } }),
      );
      expect({ said: withoutWaiting(said), code }).toEqual({ said: '', code: 1 });
      expect(out).toMatch(/^missing {2}pods: no series of Coalmine of any service; /m);
    });

    it('passes on that a result of VictoriaMetrics is partial', async () => {
      const { out } = await checkBehind(
        () => undefined,
        (answer) => ({ ...answer, isPartial: true }),
      );
      expect(out).toMatch(/^unknown {2}prometheus: http:\S+ responds, but warns: the result is partial; /m);
    });

    it('passes on the warning that a result may be partial', async () => {
      const warnings = ['PromQL info: x', 'No StoreAPIs matched \u001b[31m for this query'];
      const { out, code } = await checkBehind(
        () => undefined,
        (answer) => ({ ...answer, warnings }),
      );
      expect(code).toBe(1);
      expect(out).toMatch(
        /^unknown {2}prometheus: http:\S+ responds, but warns: No StoreAPIs matched \\u\{1b\}\[31m for this query; the results may be partial/m,
      );
      expect(out).toMatch(/^there {4}pods: /m);
    });
  });

  it('cannot run without a Prometheus, a release, or templates of ours', async () => {
    const away = await coalmineIn(folder, ['check', '--name', 'checkout', '-p', 'http://127.0.0.1:1']);
    expect(away).toMatchObject({ code: 2, out: '' });
    expect(away.said).toMatch(/no Prometheus can be queried: http:\/\/127.0.0.1:1 cannot be reached/);
    expect(await check()).toMatchObject({ code: 2, said: expect.stringContaining('name must be given') });
    await writeFile(
      join(folder, 'other.yaml'),
      'kind: AnalysisTemplate\nmetadata: { name: x }\nspec: { metrics: [] }\n',
    );
    expect(await check('-f', join(folder, 'other.yaml'))).toMatchObject({
      code: 2,
      said: expect.stringContaining('found no template that `coalmine manifests` wrote'),
    });
  });
});
