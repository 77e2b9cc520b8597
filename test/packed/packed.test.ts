import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Exposition } from '../support/exposition.js';
import { type Consumer, compile, createConsumer, packInto } from './consumer.js';

const CONSUMERS = ['fastify', 'express', 'koa', 'hono', 'nest', 'otel'].flatMap((name) => [
  `${name}.mjs`,
  `${name}.cjs`,
]);
let consumer: Consumer;
let tarballs: string;

beforeAll(async () => {
  tarballs = await mkdtemp(join(tmpdir(), 'coalmine-tarballs-'));
  consumer = await createConsumer({
    ...(await packInto(tarballs)),
    express: '5.3.0',
    fastify: '5.12.8',
    hono: '4.13.19',
    koa: '3.2.1',
    'prom-client': '15.1.3',
    '@hono/node-server': '2.1.8',
    '@koa/router': '15.7.0',
    '@nestjs/common': '11.2.10',
    '@nestjs/core': '11.2.10',
    '@nestjs/platform-express': '11.2.10',
    'reflect-metadata': '0.2.2',
    rxjs: '7.8.2',
    '@opentelemetry/api': '1.9.1',
    '@opentelemetry/resources': '2.12.0',
    '@opentelemetry/sdk-metrics': '2.12.0',
    // The types of this plugin extend Fastify's types, like Coalmine's types.
    '@fastify/websocket': '11.3.6',
    '@types/express': '5.0.6',
    '@types/ws': '8.18.1',
  });
});

afterAll(async () => {
  await consumer?.close();
  await rm(tarballs, { recursive: true, force: true });
});

describe('the packed packages', () => {
  it.each([...CONSUMERS, 'both-copies.mjs'])('serve %s', async (file) => {
    const { stdout, stderr } = await consumer.node(file);
    expect(new Exposition(stdout).requests()).toEqual({ 'GET /items/:id 200': 1 });
    expect(stderr).toBe('');
  });

  // A program with ES modules and CommonJS has both declarations of each package.
  it.each(['types.mts', 'types.cts', 'types.mts types.cts'])('have types that %s can use', async (files) => {
    expect(await compile(consumer, files, ['--module', 'nodenext', '--skipLibCheck', 'false'])).toBe('');
  });

  it('print the migrations that a build knows', async () => {
    const migrations = join(consumer.folder, 'migrations');
    await mkdir(join(migrations, '20260101_create_items'), { recursive: true });
    const others = join(consumer.folder, 'others');
    await mkdir(join(others, '20260201_create_users'), { recursive: true });
    const { stdout } = await consumer.command('coalmine-migrations', ['prisma', migrations, others]);
    expect(JSON.parse(stdout)).toEqual({ tool: 'prisma', knows: ['20260101_create_items', '20260201_create_users'] });
    const failed = await consumer.command('coalmine-migrations', ['oracle', migrations]);
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('tool must be one of prisma, knex')]);
    const unknown = await consumer.command('coalmine-migrations', ['prisma', migrations, '--deep']);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('unknown option --deep')]);
  });

  it('write manifests, and run what they wrote', async () => {
    const { stdout } = await consumer.command('coalmine', ['manifests', 'argo', '--name', 'shop', '--no-compare']);
    await writeFile(join(consumer.folder, 'analysis.yaml'), stdout);
    const flags = ['-f', 'analysis.yaml', '-t', 'shop-gate', '-a', 'canary-hash=a', '-p', 'http://127.0.0.1:9'];
    const ended = await consumer.command('coalmine', ['analyze', ...flags]);
    expect(ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('no Prometheus can be queried'),
    });
  });

  it('lint what they serve', async () => {
    const { stdout: exposition } = await consumer.node('fastify.mjs');
    await writeFile(join(consumer.folder, 'metrics.txt'), exposition);
    const { stdout } = await consumer.command('coalmine', ['lint', 'metrics.txt', '--fail-on', 'warning']);
    expect(stdout).toBe('metrics.txt: nothing found\n');
    const ended = await consumer.command('coalmine', ['lint', 'metrics.txt', '--latency', '0.3']);
    expect([ended.code, ended.stdout]).toEqual([1, expect.stringContaining('error objective-differs')]);
  });

  it('say what to install if there is no client', async () => {
    await rm(join(consumer.folder, 'node_modules/prom-client'), { recursive: true });
    const { stderr } = await consumer.node('express.mjs');
    expect(stderr).toContain('Install prom-client (or @prometheus-io/client), or pass `registry`');
    expect(stderr).toContain("code: 'COALMINE_NO_CLIENT'");
  });

  it('hold what a user needs, and no more', async () => {
    const scope = join(consumer.folder, 'node_modules/@coalmine');
    const names = await readdir(scope);
    expect(names.length).toBe((await readdir(tarballs)).length);
    for (const name of names) {
      const at = join(scope, name);
      const { exports, repository, homepage, bugs, author } = JSON.parse(
        await readFile(join(at, 'package.json'), 'utf8'),
      );
      expect(Object.keys(exports['.'])).toEqual(['import', 'require']);
      expect(repository.directory).toBe(`packages/${name}`);
      expect([homepage, bugs.url, author]).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
      const readme = await readFile(join(at, 'README.md'), 'utf8');
      expect(readme).toContain(`@coalmine/${name}`);
      // npmjs.com resolves no relative link.
      expect(readme).not.toMatch(/\]\((?!https:|#)/);
      await expect(readFile(join(at, 'LICENSE'), 'utf8')).resolves.toContain('Apache License');
      const files = await readdir(at, { recursive: true });
      expect(files.filter((file) => /\.map$|\.test\.|^src/.test(file))).toEqual([]);
    }
  });
});
