import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { SERVICES, type Service } from '../prometheus/services.js';
import { send } from '../support/client.js';
import { coalmineIn, type Ended } from '../support/command.js';
import { isPrometheusMissing, startWatchingPrometheus, type WatchingPrometheus } from '../support/prometheus.js';
import { type ScriptedPrometheus, startScriptedPrometheus } from '../support/scripted-prometheus.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-cli-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const coalmine = (...args: readonly string[]): Promise<Ended> => coalmineIn(folder, args);

describe('coalmine', () => {
  it('says its version', async () => {
    expect(await coalmine('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    [['--help']],
    [['manifests', '--help']],
    [['lint', '--help']],
    [['analyze', '--help']],
    [['check', '--help']],
  ])('%j helps', async (args) => {
    const { code, out } = await coalmine(...args);
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: coalmine/);
    if (args.length > 1) expect(out).toMatch(/Examples:[\s\S]*Exit codes:/);
  });

  it.each<[readonly string[], string]>([
    [['manifest'], "unknown command 'manifest'"],
    [['manifests', 'helm'], "'helm' is invalid for argument 'target'. Allowed choices are argo, flagger, prometheus"],
    [['manifests', 'argo'], 'name must be given, with --name or in the file'],
    [
      ['manifests', 'argo', '--name', 'Shop'],
      'name (--name) must be a Kubernetes name: lower case, digits and dashes, up to 63, got "Shop"',
    ],
    [
      ['manifests', 'argo', '--name', 'shop', '--window', '30'],
      'analysis.windowSeconds (--window) must be at least four scrapes: 60, got 30',
    ],
    [
      ['manifests', 'argo', '--name', 'shop', '--interval', '10'],
      'analysis.intervalSeconds (--interval) must be at least one scrape: 15, got 10',
    ],
    [['manifests', 'argo', '--name', 'shop', '--latency', 'fast'], 'It must be a number.'],
    [
      ['manifests', 'argo', '--name', 'shop', '--error-ratio', '1'],
      'objective.errorRatio (--error-ratio) must be a share above 0 and below 1, such as 0.01, got 1',
    ],
    [
      ['manifests', 'argo', '--name', 'shop', '--weights', '50,20'],
      'weights (--weights) must be rising whole percentages',
    ],
    [
      ['manifests', 'argo', '--name', 'shop', '--prometheus', 'prometheus:9090'],
      'prometheus (--prometheus) must be an address with http:// or https://',
    ],
    [['manifests', 'argo', '--name', 'shop', '--label', 'hsah=x'], 'labels.hsah must be left out'],
    [
      ['manifests', 'argo', '--name', 'shop', '--names', 'otel', '--series', 'requests=x'],
      "option '--names <preset>' cannot be used with option '--series <what=name>'",
    ],
    [
      ['manifests', 'argo', '--name', 'shop', '--names', 'otlp'],
      "argument 'otlp' is invalid. Allowed choices are otel.",
    ],
    [['manifests', 'argo', '-c', 'none.yaml'], 'none.yaml cannot be read'],
    [['analyze'], "required option '-f, --file <file>' not specified"],
    [['analyze', '-f', 'none.yaml'], 'none.yaml cannot be read'],
    [['analyze', '-f', 'none.yaml', '--for', '10m'], '--for needs --watch; for the past, use --to'],
    [['analyze', '-f', 'none.yaml', '--from', 'yesterday'], 'It must be a time, such as 2026-01-20T14:00:00Z'],
    [['analyze', '-f', 'none.yaml', '-a', 'hash'], 'It must be a name and a value with = between them.'],
    [['analyze', '-f', 'none.yaml', '--exemplars', '0'], 'It must be a whole number of at least 1.'],
    [
      ['analyze', '-f', 'none.yaml', '--trace-url', 'http://jaeger/trace/'],
      "'http://jaeger/trace/' is invalid. It must be an address with http:// or https:// and {trace_id} in it",
    ],
    [
      ['analyze', '-f', 'none.yaml', '--trace-url', 'javascript:{trace_id}'],
      'It must be an address with http:// or https:// and {trace_id} in it',
    ],
    [
      ['analyze', '-f', 'none.yaml', '--watch', '--from', '-1h'],
      "option '--watch' cannot be used with option '--from <time>'",
    ],
  ])('%j is refused', async (args, message) => {
    const { code, out, said } = await coalmine(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(said).toContain(message);
    expect(said).not.toMatch(/\n\s+at /);
  });
});

describe('coalmine manifests', () => {
  it('warns of a template that is too long for the annotation of kubectl apply', async () => {
    const statuses = Array.from({ length: 20 }, (_, i) => `--accept=GET /${'long'.repeat(40)}/:id ${401 + i}`);
    const { code, said } = await coalmine('manifests', 'argo', '--name', 'shop', ...statuses);
    expect(code).toBe(0);
    expect(said).toMatch(
      /^AnalysisTemplate shop-gate is too long for `kubectl apply`, which keeps \d+ KiB in its annotations, where 256 KiB are allowed: use `kubectl apply --server-side`, or write the queries as recording rules\n/,
    );
    const recorded = await coalmine('manifests', 'argo', '--name', 'shop', '--recording-rules', 'argo', ...statuses);
    expect(recorded).toMatchObject({ code: 0, said: '' });
  });

  it('uses the options of a file, and flags over them', async () => {
    await writeFile(
      join(folder, 'coalmine.config.yaml'),
      'name: shop\nnamespace: eu\nobjective: { latency: 0.3, overShare: 0.1 }\n',
    );
    const { code, out } = await coalmine('manifests', 'argo', '--latency', '0.2', '--no-compare');
    expect(code).toBe(0);
    expect(out).toContain('namespace="eu"');
    expect(out).toContain('== 0.2');
    expect(out).toContain('as a multiple of the 10 % allowed');
    expect(out).not.toContain('stable-hash');
  });

  it('uses names of series and labels over the names in the file', async () => {
    await writeFile(
      join(folder, 'coalmine.config.yaml'),
      'name: shop\nnames: { slow: shop_slow_total, labels: { route: path } }\nlabels: { pod: pod_name }\n',
    );
    const series = ['--series', 'requests=shop_requests_total', '--series-label', 'status_code=status'];
    const { out } = await coalmine('manifests', 'flagger', ...series, '--label', 'namespace=ns');
    expect(out).toContain('shop_requests_total{ns="{{ namespace }}",pod_name=~"');
    expect(out).toContain('shop_slow_total{');
    expect(out).toContain('status=~"[34].."');
  });

  it('takes the names of the series from a file or a flag', async () => {
    const file = join(folder, 'coalmine.config.yaml');
    await writeFile(file, 'name: shop\nnames: otel\n');
    const { out } = await coalmine('manifests', 'argo');
    expect(out).toContain('http_server_requests_total{namespace="default"');
    await writeFile(file, 'name: shop\nnames: { requests: shop_requests_total }\n');
    expect(await coalmine('manifests', 'argo', '--names', 'otel')).toEqual({ code: 0, out, said: '' });
    expect((await coalmine('manifests', 'argo')).out).toContain('shop_requests_total{');
  });

  it.each([
    ['otlp', `names must be 'otel' or an object of names, got "otlp"`],
    [
      '[otel]',
      'names must be an object with requests, errors, duration, timed, slow, failed, inFlight, overdue, labels, got ["otel"]',
    ],
    ['{ labels: otel }', 'names.labels must be an object with method, route, status_code, error_type, got "otel"'],
  ])('refuses a file with the names %s', async (names, message) => {
    await writeFile(join(folder, 'coalmine.config.yaml'), `name: shop\nnames: ${names}\n`);
    const { code, out, said } = await coalmine('manifests', 'argo');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(said).toContain(message);
  });

  it('prints one stream of YAML, or JSON, or writes files', async () => {
    const { out } = await coalmine('manifests', 'argo', '--name', 'shop');
    const objects = parseAllDocuments(out).map((document) => document.toJS());
    expect(objects.map(({ kind }) => kind)).toEqual([
      'AnalysisTemplate',
      'AnalysisTemplate',
      'Rollout',
      'Service',
      'Service',
    ]);
    expect(JSON.parse((await coalmine('manifests', 'argo', '--name', 'shop', '--json')).out)).toEqual(objects);
    const { said } = await coalmine('manifests', 'argo', '--name', 'shop', '-o', 'deploy');
    expect(await readdir(join(folder, 'deploy'))).toEqual(['analysis.yaml', 'rollout.yaml']);
    expect(said).toBe('deploy/analysis.yaml\ndeploy/rollout.yaml\n');
    const { out: paths } = await coalmine('manifests', 'argo', '--name', 'shop', '-o', 'deploy', '--json');
    expect(JSON.parse(paths)).toEqual(['deploy/analysis.yaml', 'deploy/rollout.yaml']);
    const { out: dashboard } = await coalmine('manifests', 'grafana', '--name', 'shop', '-n', 'eu');
    expect(JSON.parse(dashboard)).toMatchObject({ title: 'shop: canary against stable' });
    expect(dashboard).toContain('namespace=\\"eu\\"');
  });
});

describe('coalmine analyze', () => {
  let prometheus: ScriptedPrometheus;
  beforeEach(async () => {
    prometheus = await startScriptedPrometheus((query) => (query.includes('traffic') ? [50] : [0]));
    const { out } = await coalmine('manifests', 'argo', '--name', 'shop', '--no-compare');
    await writeFile(join(folder, 'analysis.yaml'), out);
  });
  afterEach(() => prometheus.close());

  const analyze = (...args: readonly string[]): Promise<Ended> =>
    coalmine(
      'analyze',
      '-f',
      'analysis.yaml',
      '-t',
      'shop-gate',
      '-a',
      'canary-hash=x',
      '-p',
      prometheus.address,
      ...args,
    );

  it('looks back as far as the template takes, and tells the verdict by its exit code', async () => {
    const startedAt = Date.now() / 1000;
    const { code, out } = await analyze();
    // Nobody sends requests to this service.
    const [first, second] = out.split('\n');
    expect({ code, first }).toEqual({
      code: 3,
      first: 'pause: 0 requests in 2 min; fewer than 20 are not judged',
    });
    expect(second).toMatch(
      /^metric "traffic" assessed Inconclusive due to inconclusive \(9\) > inconclusiveLimit \(8\)/,
    );
    // The first query checks whether Prometheus responds.
    const [reached, ...asked] = prometheus.asked;
    expect(reached?.query).toBe('vector(1)');
    const times = asked.map(({ time }) => time);
    expect(Math.max(...times) - Math.min(...times)).toBeCloseTo(240, 0);
    // The time of the command in whole seconds, or a little later.
    expect(Math.max(...times)).toBeGreaterThan(startedAt - 5);
  });

  it('looks at any hour, writes a page, and prints JSON', async () => {
    const { code, out } = await analyze('--from', '2026-01-20T14:00:00Z', '--json', '--report', 'report.html');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'pause', startedAt: 1768917600 });
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('<p class="verdict pause">pause</p>');
  });

  it.each<[readonly string[], string]>([
    [['-t', 'shop-gat'], 'there is no template shop-gat; the files have shop-gate, shop-guard'],
    [['-a', 'hash=y'], 'the argument hash is not one of canary-hash'],
    [['-p', 'http://127.0.0.1:1'], 'no Prometheus can be queried: http://127.0.0.1:1 cannot be reached'],
    [
      ['-p', 'prometheus:9090'],
      'the address of a Prometheus must start with http:// or https://, got "prometheus:9090"',
    ],
    [['--from', '-1h', '--to', '-2h'], '--from must be before --to, and before now'],
    [['-t', 'shop-guard'], 'two metrics have the same name instrumentation: run one of shop-gate, shop-guard'],
  ])('%j is refused', async (args, message) => {
    const { code, said } = await analyze(...args);
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining(message) });
  });

  it('looks back as far as a Canary takes, and needs to know which Canary', async () => {
    const { out } = await coalmine('manifests', 'flagger', '--name', 'shop', '--router', 'nginx');
    await writeFile(join(folder, 'flagger.yaml'), out);
    const run = (...files: readonly string[]): Promise<Ended> =>
      coalmine('analyze', ...files.flatMap((file) => ['-f', file]), '-p', prometheus.address);
    const { code, out: said } = await run('flagger.yaml');
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('arrival: 0 < 1') });
    await writeFile(join(folder, 'other.yaml'), out.replaceAll('shop', 'stall'));
    expect((await run('flagger.yaml', 'other.yaml')).said).toContain('several Canaries, shop, stall: choose with');
    await writeFile(join(folder, 'metric.yaml'), 'kind: MetricTemplate\nmetadata: { name: errors }\nspec: {}\n');
    expect((await run('metric.yaml')).said).toContain('a MetricTemplate needs the Canary that names it');
  });

  it('says what it waits for', async () => {
    const { said } = await analyze('--watch', '--for', '2s');
    expect(said).toMatch(/^waiting 2 s, until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/);
  });

  it('asks when an analysis without an end began', async () => {
    const { code, said } = await coalmine('analyze', '-f', 'analysis.yaml', '-t', 'shop-guard', '-a', 'canary-hash=x');
    expect({ code, said }).toEqual({
      code: 2,
      said: expect.stringContaining('no end of its own: give --from or --watch'),
    });
  });
});

describe.skipIf(isPrometheusMissing)('coalmine analyze, before a real Prometheus', () => {
  let prometheus: WatchingPrometheus;
  let service: Service;
  let isOver = false;
  beforeAll(async () => {
    prometheus = await startWatchingPrometheus();
    service = await (SERVICES[0] as (typeof SERVICES)[number]).start({ warmup: false });
    const labels = { namespace: 'default', pod: 'shop-a-1', rollouts_pod_template_hash: 'a' };
    await writeFile(
      join(prometheus.targets, 'shop.json'),
      JSON.stringify([{ targets: [`127.0.0.1:${service.port}`], labels }]),
    );
    void (async () => {
      while (!isOver) {
        await Promise.all([send(service.port, '/items/1'), send(service.port, '/fail')]);
        await delay(20);
      }
    })();
  });
  afterAll(async () => {
    isOver = true;
    await service?.close();
    await prometheus?.close();
  });

  it('rolls back a failing canary live, and with the same verdict in the past', async () => {
    const flags = ['--scrape-interval', '1', '--window', '4', '--lookback', '10', '--interval', '1', '--no-compare'];
    const { out } = await coalmine('manifests', 'argo', '--name', 'shop', ...flags);
    await writeFile(join(folder, 'analysis.yaml'), out);
    const args = ['analyze', '-f', 'analysis.yaml', '-t', 'shop-gate', '-a', 'canary-hash=a', '-p', prometheus.address];
    const live = await coalmine(...args, '--watch');
    expect(live.code).toBe(1);
    expect(live.out).toMatch(
      /^rollback: [\d,]+ of [\d,]+ requests failed .*\nmetric "error-ratio(?:-since-start)?" assessed Failed/,
    );
    expect(live.said).toMatch(/error-ratio(?:-since-start)? {2}Failed {2}\d/);
    const past = await coalmine(...args, '--from', '-8s', '--exemplars');
    expect(past.code).toBe(1);
    expect(past.out).toMatch(/^rollback: [\d,]+ of [\d,]+ requests failed/);
    expect(past.out).toMatch(/traces: no exemplars in that time.*--enable-feature=exemplar-storage/);
  });

  it('pauses if the canary is not scraped', async () => {
    const { out } = await coalmine('manifests', 'argo', '--name', 'shop', '--no-compare');
    await writeFile(join(folder, 'analysis.yaml'), out);
    const args = ['analyze', '-f', 'analysis.yaml', '-t', 'shop-gate', '-a', 'canary-hash=b', '-p', prometheus.address];
    const { code, out: said } = await coalmine(...args);
    expect(code).toBe(3);
    expect(said).toMatch(
      /^pause: Prometheus has no series of Coalmine .*\nmetric "[\w-]+" assessed Inconclusive due to inconclusive \(3\) > inconclusiveLimit \(2\)/,
    );
  });
});
