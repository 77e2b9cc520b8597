import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coalmineIn, type Ended } from '../support/command.js';
import { type Reply, type ScriptedPrometheus, startScriptedPrometheus } from '../support/scripted-prometheus.js';

let folder = '';
let prometheus: ScriptedPrometheus | undefined;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-analyze-'));
});
afterEach(async () => {
  await prometheus?.close();
  server?.closeAllConnections();
  server?.close();
  prometheus = undefined;
  server = undefined;
  await rm(folder, { recursive: true });
});

const TEMPLATE = `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: gate }
spec:
  args: [{ name: canary-hash }]
  metrics:
    - name: errors
      successCondition: len(result) == 1 && result[0] < 1
      failureCondition: len(result) == 1 && result[0] >= 1
      provider:
        prometheus:
          query: sum(rate(http_requests_total{rollouts_pod_template_hash="{{args.canary-hash}}"}[2m]))
`;

async function analyze(reply: (query: string) => Reply, ...args: readonly string[]): Promise<Ended> {
  prometheus = await startScriptedPrometheus(reply);
  await writeFile(join(folder, 'gate.yaml'), TEMPLATE);
  return coalmineIn(folder, ['analyze', '-f', 'gate.yaml', '-a', 'canary-hash=abc', '-p', prometheus.address, ...args]);
}

/** Writes a template named `other` to a file. */
async function written(text: string): Promise<string> {
  await writeFile(join(folder, 'other.yaml'), text.replace('name: gate', 'name: other'));
  return 'other.yaml';
}

const hashes = (...values: readonly string[]): Reply => ({
  data: {
    resultType: 'vector',
    result: values.map((value) => ({ metric: { rollouts_pod_template_hash: value }, value: [0, '1'] })),
  },
});

describe('coalmine analyze', () => {
  it('reports a list with an empty item as refused', async () => {
    const file = await written(TEMPLATE.replace('  args:', '  templates: [null]\n  args:'));
    const { code, said } = await coalmineIn(folder, [
      'analyze',
      '-f',
      file,
      '-p',
      'http://localhost:1',
      '--from',
      '-1m',
    ]);
    expect(code).toBe(2);
    expect(said).toContain('other: spec.templates[0] must be a mapping, got null: the API server refuses');
  });

  it('runs the templates that a template names, from wherever they are in the files', async () => {
    const naming = `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: all }
spec:
  templates: [{ templateName: gate }]
`;
    await writeFile(join(folder, 'all.yaml'), naming);
    const { code, out } = await analyze(() => [2], '-f', 'all.yaml', '-t', 'all');
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('argo, all, gate, ') });
    const alone = ['analyze', '-f', 'all.yaml', '-a', 'canary-hash=abc', '-p', prometheus?.address ?? ''];
    const { code: without, said } = await coalmineIn(folder, alone);
    expect(without).toBe(2);
    expect(said).toContain('all names the AnalysisTemplate gate, which is not in the files');
  });

  it('notes each warning of Prometheus once, because the verdict may be based on part of the data', async () => {
    const warnings = ['receive series from Addr: 10.0.0.7:10901: connection refused'];
    const { code, out } = await analyze(
      () => ({ ...(hashes('abc') as { readonly data: unknown }), warnings }),
      '--json',
    );
    const { notes } = JSON.parse(out) as { readonly notes: readonly string[] };
    expect({ code, notes }).toEqual({
      code: 1,
      notes: [`Prometheus warns, so the verdict may be based on part of the data: ${warnings[0]}`],
    });
  });

  it.each<[string, readonly [string, string], string]>([
    [
      'a placeholder that Argo Rollouts does not know',
      ['[2m]))', '[2m])) + 0 * sum(x{a="{{ namespace }}"})'],
      'errors: {{ namespace }} was not resolved',
    ],
    [
      'a type that the API server refuses',
      ['name: errors', 'name: 404'],
      'other: spec.metrics[0].name must be a string',
    ],
    [
      'two rules of one name',
      ['  metrics:', '  dryRun: [{ metricName: e }, { metricName: e }]\n  metrics:'],
      'other: spec.dryRun[1].metricName repeats e',
    ],
  ])('ends with 2 and a sentence for %s, whatever Prometheus has', async (_, [from, to], sentence) => {
    const { code, said } = await analyze(() => [0], '-f', await written(TEMPLATE.replace(from, to)), '-t', 'other');
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining(sentence) });
  });

  it('ends with 2 if it is not known which of two templates is meant, and runs one of them by its file', async () => {
    for (const place of ['eu', 'us']) {
      const other = TEMPLATE.replace('name: gate', 'name: other').replace('name: errors', `name: errors-${place}`);
      await mkdir(join(folder, place));
      await writeFile(join(folder, place, 'gate.yaml'), other);
    }
    for (const args of [[], ['-t', 'other']]) {
      const { code, said } = await analyze(() => [0], '-f', 'eu', '-f', 'us', ...args);
      await prometheus?.close();
      expect({ code, said }).toEqual({
        code: 2,
        said: expect.stringContaining(
          'the files have several objects AnalysisTemplate other: give only the file of one',
        ),
      });
    }
    expect((await analyze(() => [0], '-f', 'eu', '-t', 'other')).code).toBe(0);
  });

  it('chooses the MetricTemplate in the namespace of the Canary', async () => {
    const template = (namespace: string): string => `---
apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata: { name: errors, namespace: ${namespace} }
spec: { provider: { type: prometheus, address: 'http://127.0.0.1:1' }, query: errors_${namespace} }
`;
    const canary = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: shop, namespace: eu }
spec:
  provider: nginx
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: shop }
  service: { port: 80 }
  ingressRef: { apiVersion: networking.k8s.io/v1, kind: Ingress, name: shop }
  analysis:
    interval: 1m
    threshold: 1
    stepWeights: [50]
    metrics: [{ name: errors, interval: 1m, templateRef: { name: errors }, thresholdRange: { max: 1 } }]
`;
    const file = await written(canary + template('us') + template('eu'));
    prometheus = await startScriptedPrometheus((query) => [query === 'errors_eu' ? 0 : 9]);
    const { code, said } = await coalmineIn(folder, ['analyze', '-f', file, '-p', prometheus.address]);
    expect({ code, said }).toMatchObject({ code: 0 });
  });

  it('ends with 2 for a rule of dryRun that two templates have', async () => {
    const dry = TEMPLATE.replace('  metrics:', '  dryRun: [{ metricName: "." }]\n  metrics:');
    for (const name of ['one', 'two']) {
      const text = dry.replace('name: gate', `name: ${name}`).replace('name: errors', `name: ${name}`);
      await writeFile(join(folder, `${name}.yaml`), text);
    }
    const { code, said } = await analyze(() => [0], '-f', 'one.yaml', '-f', 'two.yaml', '-t', 'one', '-t', 'two');
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining('dryRun: two rules are named .') });
  });

  it('runs a template with a field that does not exist, and says so', async () => {
    const { code, out } = await analyze(
      () => [0],
      '-f',
      await written(TEMPLATE.replace('failureCondition', 'failCondition')),
      '-t',
      'other',
    );
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining('note: other: spec.metrics[0] has no field failCondition: kubectl apply refuses'),
    });
  });

  it('fills in arguments of any name', async () => {
    const text = TEMPLATE.replace('{ name: canary-hash }', '{ name: canary-hash }, { name: a/b c, value: "2" }');
    const file = await written(
      text.replace('result[0] < 1', 'result[0] < {{ args.a/b c }}').replace(/.*failureC.*\n/, ''),
    );
    const { code } = await analyze(() => [1.5], '-f', file, '-t', 'other');
    expect(code).toBe(0);
  });

  it.each<[string, string]>([
    ['aliases without end', 'kind: AnalysisTemplate\napiVersion: argoproj.io/v1alpha1\nspec: &a { metrics: [*a] }\n'],
    [
      'aliases that stand for too much',
      `kind: AnalysisTemplate\napiVersion: argoproj.io/v1alpha1\nspec:\n${[...'abcdefghij']
        .map(
          (name, i, all) => `  ${name}: &${name} [${new Array(10).fill(i === 0 ? 1 : `*${all[i - 1]}`).join(', ')}]\n`,
        )
        .join('')}`,
    ],
    ['levels without end', `kind: AnalysisTemplate\napiVersion: argoproj.io/v1alpha1\nspec: ${'['.repeat(100_000)}`],
  ])('ends with 2 and a sentence for %s, as lint does', async (_, text) => {
    await writeFile(join(folder, 'hostile.yaml'), text);
    for (const args of [
      ['analyze', '-f', 'hostile.yaml'],
      ['lint', 'hostile.yaml'],
    ]) {
      const { code, out, said } = await coalmineIn(folder, args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(said).toMatch(/^coalmine: hostile\.yaml[^\n]*(?:alias|nested)[^\n]*\n$/);
    }
  });

  it('takes the folder that manifests --out wrote', async () => {
    prometheus = await startScriptedPrometheus((query) => (query.includes('traffic') ? [50] : [0]));
    await coalmineIn(folder, ['manifests', 'argo', '--name', 'shop', '--no-compare', '-o', 'deploy']);
    await writeFile(join(folder, 'deploy/values.yaml'), '{{ no yaml\n');
    await writeFile(join(folder, 'deploy/README.md'), 'AnalysisTemplate\n');
    const args = ['-f', 'deploy', '-t', 'shop-gate', '-a', 'canary-hash=x', '-p', prometheus.address];
    const { code, out } = await coalmineIn(folder, ['analyze', ...args]);
    expect({ code, out }).toEqual({ code: 3, out: expect.stringContaining('argo, shop-gate, ') });
  });

  it('names a hash that no series has, and the hashes that exist', async () => {
    const reply = (query: string): Reply => (query.startsWith('group by') ? hashes('b2', 'a1') : []);
    const { code, out } = await analyze(reply, '--report', 'report.html');
    const note =
      'canary-hash=abc: no series of http_requests_total has rollouts_pod_template_hash="abc"; the label has a1, b2';
    expect({ code, out }).toEqual({ code: 3, out: expect.stringContaining(`\nnote: ${note}\n`) });
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('canary-hash=abc: no series of');
    expect(prometheus?.asked.at(-1)?.query).toBe(
      'group by (rollouts_pod_template_hash) (last_over_time(http_requests_total[300s]))',
    );
  });

  it.each<[string, Reply]>([
    ['the hash is there', hashes('abc', 'a1')],
    ['Prometheus does not say', { error: 'too many series' }],
  ])('names no hash if %s', async (_name, values) => {
    const { out } = await analyze((query) => (query.startsWith('group by') ? values : [0]), '--json');
    expect(JSON.parse(out)).not.toHaveProperty('notes');
  });

  it('prints no character that a terminal obeys, whatever Prometheus returns', async () => {
    const odd = '\u001b[2J\u009b2J\u202e\npromote: all is well';
    const reply = (query: string): Reply =>
      query.startsWith('group by') ? hashes(odd) : query === 'vector(1)' ? [1] : { error: odd };
    for (const args of [[], ['--json'], ['--watch']]) {
      const { code, out, said } = await analyze(
        reply,
        ...args,
        '--header',
        'x: y',
        ...(args[0] === '--watch' ? ['--for', '1s'] : []),
      );
      expect(code).not.toBe(2);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the output must not contain control characters.
      expect(out + said).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(out).not.toMatch(/^promote: all/m);
      await prometheus?.close();
      prometheus = undefined;
    }
  });

  it('says without credentials what it waits for, and which Prometheus is down', async () => {
    server = createServer(({ socket }) => void setTimeout(() => socket.destroy(), 4000));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await writeFile(join(folder, 'gate.yaml'), TEMPLATE);
    const args = ['-a', 'canary-hash=abc', '-p', `http://user:word@127.0.0.1:${port}`, '-H', 'x-key: s3cret'];
    const { code, said } = await coalmineIn(folder, ['analyze', '-f', 'gate.yaml', ...args]);
    expect(code).toBe(2);
    expect(said).toContain(`waiting for http://***@127.0.0.1:${port}: no response for 1 s\n`);
    expect(said).toContain(`no Prometheus can be queried: http://127.0.0.1:${port} cannot be reached`);
    expect(said).not.toMatch(/word|s3cret/);
  });

  it('says which metric waits for a response', async () => {
    server = createServer((request, response) => {
      request.resume();
      setTimeout(() => response.end('{"status":"success","data":{"resultType":"vector","result":[]}}'), 2500);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await writeFile(join(folder, 'gate.yaml'), TEMPLATE);
    const args = ['-a', 'canary-hash=abc', '-p', `http://127.0.0.1:${port}`, '--watch'];
    const { said } = await coalmineIn(folder, ['analyze', '-f', 'gate.yaml', ...args]);
    expect(said).toMatch(/^no response for 1 s: errors\n/);
  });

  it('sends no header to another origin that a Prometheus redirects to', async () => {
    const other = await startScriptedPrometheus(() => [0]);
    server = createServer((_request, response) => response.writeHead(307, { location: other.address }).end());
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await writeFile(join(folder, 'gate.yaml'), TEMPLATE);
    const args = ['-a', 'canary-hash=abc', '-p', `http://127.0.0.1:${port}`, '-H', 'x-key: s3cret'];
    const { code, said } = await coalmineIn(folder, ['analyze', '-f', 'gate.yaml', ...args]);
    expect({ code, said }).toEqual({
      code: 2,
      said: expect.stringContaining('another origin: coalmine does not follow it'),
    });
    expect(other.asked).toEqual([]);
    await other.close();
  });

  it('ends with 2 if the report cannot be written', async () => {
    const { code, said } = await analyze(() => [0], '--report', 'none/report.html');
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining('the report cannot be written: ENOENT') });
  });
});
