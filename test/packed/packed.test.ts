import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Exposition } from '../support/exposition.js';

const execute = promisify(execFile);
// pnpm points NODE_PATH at what is installed for this repository, which a user does not have.
const { NODE_PATH: _, ...env } = process.env;
const run = (file: string, args: readonly string[], cwd = folder) => execute(file, args, { cwd, env });
let folder: string;
const root = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES = ['options', 'metrics', 'traffic', 'warmup', 'health', 'node', 'fastify', 'express', 'otel', 'cli'];
const CONSUMERS = ['fastify', 'express', 'otel'].flatMap((name) => [`${name}.mjs`, `${name}.cjs`]);

// A project of a user's: what npm makes of the tarballs that would be published, and nothing of this repository.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-consumer-'));
  await cp(new URL('./consumers', import.meta.url), folder, { recursive: true });
  const tarballs = await Promise.all(PACKAGES.map(pack));
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const dependencies = {
    ...Object.fromEntries(PACKAGES.map((name, i) => [`@coalmine/${name}`, `file:${tarballs[i]}`])),
    express: '5.3.0',
    fastify: '5.12.8',
    'prom-client': '15.1.3',
    '@opentelemetry/api': '1.9.1',
    '@opentelemetry/resources': '2.12.0',
    '@opentelemetry/sdk-metrics': '2.12.0',
    // Its types add to those of Fastify, as ours do.
    '@fastify/websocket': '11.3.6',
    '@types/express': '5.0.6',
    '@types/node': devDependencies['@types/node'],
    typescript: devDependencies.typescript,
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock']);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed packages', () => {
  it.each([...CONSUMERS, 'both-copies.mjs'])('serve %s', async (file) => {
    const { stdout, stderr } = await run(process.execPath, [join(folder, file)]);
    expect(new Exposition(stdout).requests()).toEqual({ 'GET /items/:id 200': 1 });
    expect(stderr).toBe('');
  });

  it.each(['types.mts', 'types.cts'])('have types that %s can use', { timeout: 60_000 }, async (file) => {
    const flags = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      'node',
      '--skipLibCheck',
    ];
    const compiled = run(join(folder, 'node_modules/.bin/tsc'), [...flags, file]).catch((error) => error);
    expect((await compiled).stdout).toBe('');
  });

  it('print what a build knows', async () => {
    const migrations = join(folder, 'migrations');
    await mkdir(join(migrations, '20260101_create_items'), { recursive: true });
    const command = join(folder, 'node_modules/.bin/coalmine-migrations');
    const others = join(folder, 'others');
    await mkdir(join(others, '20260201_create_users'), { recursive: true });
    const { stdout } = await run(command, ['prisma', migrations, others]);
    expect(JSON.parse(stdout)).toEqual({ tool: 'prisma', knows: ['20260101_create_items', '20260201_create_users'] });
    const failed = await run(command, ['oracle', migrations]).catch((error) => error);
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('tool must be one of prisma, knex')]);
    const unknown = await run(command, ['prisma', migrations, '--deep']).catch((error) => error);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('unknown option --deep')]);
  });

  it('write manifests, and run what they wrote', async () => {
    const command = join(folder, 'node_modules/.bin/coalmine');
    const { stdout } = await run(command, ['manifests', 'argo', '--name', 'shop', '--no-compare']);
    await writeFile(join(folder, 'analysis.yaml'), stdout);
    const flags = ['-f', 'analysis.yaml', '-t', 'shop-gate', '-a', 'canary-hash=a', '-p', 'http://127.0.0.1:9'];
    const ended = await run(command, ['analyze', ...flags]).catch((error) => error);
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no Prometheus to ask') });
  });

  it('lint what they serve', async () => {
    const command = join(folder, 'node_modules/.bin/coalmine');
    const { stdout: exposition } = await run(process.execPath, [join(folder, 'fastify.mjs')]);
    await writeFile(join(folder, 'metrics.txt'), exposition);
    const { stdout } = await run(command, ['lint', 'metrics.txt', '--fail-on', 'warning']);
    expect(stdout).toBe('metrics.txt: nothing found\n');
    const ended = await run(command, ['lint', 'metrics.txt', '--latency', '0.3']).catch((error) => error);
    expect([ended.code, ended.stdout]).toEqual([1, expect.stringContaining('error objective-differs')]);
  });

  it('say what to install where no client is', async () => {
    await rm(join(folder, 'node_modules/prom-client'), { recursive: true });
    const { stderr } = await run(process.execPath, [join(folder, 'express.mjs')]).catch((error) => error);
    expect(stderr).toContain('Install prom-client (or @prometheus-io/client), or pass `registry`');
    expect(stderr).toContain("code: 'COALMINE_NO_CLIENT'");
  });

  it('hold what a user needs, and no more', async () => {
    for (const name of PACKAGES) {
      const at = join(folder, 'node_modules/@coalmine', name);
      const { exports } = JSON.parse(await readFile(join(at, 'package.json'), 'utf8'));
      expect(Object.keys(exports['.'])).toEqual(['import', 'require']);
      await expect(readFile(join(at, 'README.md'), 'utf8')).resolves.toContain(`@coalmine/${name}`);
      await expect(readFile(join(at, 'LICENSE'), 'utf8')).resolves.toContain('Apache License');
      await expect(readFile(join(at, 'src/index.ts'))).rejects.toThrow();
    }
  });
});

async function pack(name: string): Promise<string> {
  const cwd = join(root, 'packages', name);
  const { stdout } = await run('npx', ['--yes', 'pnpm@12.21.0', 'pack', '--json', '--pack-destination', folder], cwd);
  return JSON.parse(stdout.slice(stdout.indexOf('{'))).filename;
}
