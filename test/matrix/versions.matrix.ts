import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COUNTED } from '../compatibility/counted.js';
import { nodeReleases } from '../compatibility/releases.js';
import { type Consumer, compile, createConsumer, packInto } from '../packed/consumer.js';
import { Exposition } from '../support/exposition.js';

/** Installs the packages with the lowest and the highest version of everything that they support. */
const FRAMEWORKS = {
  lowest: {
    fastify: '4.23.0',
    express: '4.16.0',
    koa: '2.13.0',
    '@koa/router': '10.0.0',
    hono: '4.0.0',
    '@hono/node-server': '1.12.0',
    '@nestjs/common': '10.0.0',
    '@nestjs/core': '10.0.0',
    '@nestjs/platform-express': '10.0.0',
    'reflect-metadata': '0.1.12',
    rxjs: '7.1.0',
  },
  highest: {
    fastify: '5.12.8',
    express: '5.3.0',
    koa: '3.2.1',
    '@koa/router': '15.7.0',
    hono: '4.13.19',
    '@hono/node-server': '2.1.8',
    '@nestjs/common': '12.5.1',
    '@nestjs/core': '12.5.1',
    '@nestjs/platform-express': '12.5.1',
    'reflect-metadata': '0.2.2',
    rxjs: '7.8.2',
  },
};
const CLIENTS = {
  lowest: [{ 'prom-client': '15.1.0' }, { '@prometheus-io/client': '0.16.0' }],
  highest: [{ 'prom-client': '15.1.3' }, { '@prometheus-io/client': '0.16.1' }],
};
const PROJECTS = (['lowest', 'highest'] as const).flatMap((end) =>
  CLIENTS[end].map((client) => ({
    end,
    client: Object.keys(client).join(),
    dependencies: { ...FRAMEWORKS[end], ...client },
  })),
);
const CONSUMERS = [
  ...['fastify', 'express', 'koa', 'hono', 'nest'].flatMap((name) => [`${name}.mjs`, `${name}.cjs`]),
  'both-copies.mjs',
];
// @hono/node-server 1.12 reads the internals of Node's `Response`. On Node 24 and later it prints this, and still works.
const COMPLAINT = 'Failed to find Response internal state key\n';
const installed = nodeReleases();
const releases = installed.length > 0 ? installed : [{ release: process.versions.node, path: process.execPath }];

let tarballs: string;
let packages: Readonly<Record<string, string>>;

beforeAll(async () => {
  tarballs = await mkdtemp(join(tmpdir(), 'coalmine-tarballs-'));
  packages = await packInto(tarballs);
});

afterAll(() => rm(tarballs, { recursive: true, force: true }));

describe.each(PROJECTS)('with the $end frameworks and $client', ({ client, dependencies }) => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await createConsumer({ ...packages, ...dependencies, ws: '8.23.0' });
    await cp(new URL('../compatibility/exercise.js', import.meta.url), join(consumer.folder, 'exercise.mjs'));
  });
  afterAll(() => consumer?.close());

  describe.each(releases)('on Node $release', ({ path }) => {
    it.each(CONSUMERS)('%s serves', async (file) => {
      const { stdout, stderr } = await consumer.node(file, path);
      expect(stderr.replace(COMPLAINT, '')).toBe('');
      expect(new Exposition(stdout).requests()).toEqual({ 'GET /items/:id 200': 1 });
    });

    it('every framework counts the same', async () => {
      const { stdout, stderr } = await consumer.node('exercise.mjs', path, client);
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual(COUNTED);
    });
  });
});

describe('the types', () => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await createConsumer({
      ...packages,
      ...FRAMEWORKS.highest,
      'prom-client': '15.1.3',
      '@types/express': '5.0.6',
      '@opentelemetry/api': '1.9.1',
      '@opentelemetry/resources': '2.12.0',
      '@opentelemetry/sdk-metrics': '2.12.0',
      '@fastify/websocket': '11.3.6',
      '@types/ws': '8.18.1',
    });
  });
  afterAll(() => consumer?.close());

  // TypeScript has no other pairs for Node: `classic` resolves no package.
  it.each([
    ['types.mts', 'nodenext', 'nodenext'],
    ['types.cts', 'nodenext', 'nodenext'],
    ['types.mts types.cts', 'nodenext', 'nodenext'],
    ['types.mts', 'node16', 'node16'],
    ['types.cts', 'node16', 'node16'],
    ['types.mts', 'esnext', 'bundler'],
    ['types.cts', 'preserve', 'bundler'],
    ['types.cts', 'commonjs', 'node10', '--esModuleInterop'],
  ])('hold in %s for --module %s --moduleResolution %s', async (files, module, resolution, ...more) => {
    const flags = ['--module', module, '--moduleResolution', resolution, '--skipLibCheck', 'false', ...more];
    expect(await compile(consumer, files, flags)).toBe('');
  });
});
