import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { fixture, type Installed, makeFolder, type Responses, responsesOf, run } from './bundled-service.js';
import { BUNDLERS, type Bundler, runEsbuild, SPLITTING_BUNDLERS } from './bundlers.js';

const EVERYTHING = ['@coalmine/express', '@coalmine/node', 'express', 'prom-client', '@prometheus-io/client'];
const CLIENTS = ['prom-client', '@prometheus-io/client'];
const INSTALLED = fileURLToPath(new URL('../node_modules', import.meta.url));
const PROM_CLIENT = join(INSTALLED, 'prom-client');

let folder: string;
let count = 0;

beforeAll(async () => {
  build('options', 'metrics', 'traffic', 'warmup', 'health', 'node', 'express');
  folder = await realpath(await mkdtemp(join(tmpdir(), 'coalmine-bundles-')));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Bundles a service, and returns its responses beside these packages. */
async function serve(
  entry: string,
  { extension, bundle }: Bundler,
  external: readonly string[],
  installed: Installed,
): Promise<Responses> {
  const at = join(folder, String(count++));
  await makeFolder(at, installed);
  return responsesOf(await run({ entry, file: join(at, `service.${extension}`), external }, bundle));
}

const esbuild = (options: BuildOptions): Bundler => ({
  extension: options.format === 'esm' ? 'mjs' : 'cjs',
  bundle: (bundle) => runEsbuild(bundle, options),
});

function expectAll({ item, ready, exposition }: Responses): void {
  expect([item, ready]).toEqual(['an item', 200]);
  expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 1 });
  expect(exposition.value('orders_total')).toBe(1);
}

describe.each(Object.entries(BUNDLERS))('a service that %s bundles', (_name, bundler) => {
  it.concurrent('shows its metrics and ours, with everything in the bundle', async () => {
    const responses = await serve(fixture('http'), bundler, [], 'a client that throws');
    expectAll(responses);
    expect(responses.stderr).toBe('');
  });

  it.concurrent('shows its metrics and ours, with all packages outside', async () => {
    const responses = await serve(fixture('express'), bundler, EVERYTHING, 'everything');
    expectAll(responses);
    expect(responses.stderr).toBe('');
  });
});

describe.each(Object.entries(SPLITTING_BUNDLERS))('a service that %s splits', (_name, bundler) => {
  it.concurrent.each<[string, readonly string[], Installed]>([
    ['everything in the bundle', [], 'a client that throws'],
    ['the client outside', CLIENTS, 'everything'],
  ])('shows its metrics and ours, with %s', async (_what, external, installed) => {
    const responses = await serve(fixture('split'), bundler, external, installed);
    expectAll(responses);
    expect(responses.stderr).toBe('');
  });
});

describe('a service on Express', () => {
  it.concurrent.each<[string, BuildOptions]>([
    ['to CommonJS', { format: 'cjs' }],
    ['to CommonJS, minified', { format: 'cjs', minify: true }],
    ['to ES modules', { format: 'esm' }],
  ])('shows its metrics and ours, bundled %s', async (_how, options) => {
    const responses = await serve(fixture('express'), esbuild(options), [], 'a client that throws');
    expectAll(responses);
    expect(responses.stderr).toBe('');
  });

  it.concurrent('knows files and mounted apps by what they do, if the bundler renames their functions', async () => {
    const bundler = esbuild({ format: 'cjs', minify: true });
    const { exposition } = await serve(fixture('files'), bundler, [], 'nothing');
    expect(exposition.requests()).toEqual({ 'GET /items/* 200': 1 });
    const routes = exposition
      .samples('http_requests_timed_total')
      .map(({ labels }) => `${labels.method} ${labels.route}`);
    // The routes of a mounted app are known at its first request, and its mount is no route.
    expect(routes.sort()).toEqual(['GET (unmatched)', 'GET /items/*']);
  });
});

describe('a client outside the bundle', () => {
  // Without the banner that gives ES modules a `require`.
  const bare = esbuild({ format: 'esm', banner: {} });

  it.concurrent.each<[string, Bundler | undefined]>([
    ['esbuild to CommonJS', BUNDLERS['esbuild to CommonJS']],
    ['esbuild to ES modules', bare],
    ['Rollup to ES modules', BUNDLERS['Rollup to ES modules']],
  ])('is the one that Node has loaded: %s', async (_name, bundler = bare) => {
    const responses = await serve(fixture('http'), bundler, CLIENTS, 'everything');
    expectAll(responses);
    expect(responses.stderr).toBe('');
  });

  it.concurrent('is the one beside the bundle if nobody has loaded one', async () => {
    const { exposition } = await serve(fixture('no-metrics'), bare, CLIENTS, 'everything');
    expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 1 });
  });
});

describe('the client', () => {
  it.concurrent('is @prometheus-io/client if the metrics are there, and both are in the bundle', async () => {
    expectAll(await serve(fixture('renamed'), esbuild({ format: 'cjs' }), [], 'nothing'));
  });

  it.concurrent('is not looked for if a registry is given', async () => {
    const { stderr, ...responses } = await serve(
      fixture('given'),
      esbuild({ format: 'cjs' }),
      ['prom-client'],
      'a client that throws',
    );
    expectAll({ ...responses, stderr });
    expect(stderr).toBe('');
  });

  it.concurrent('is asked for in an error if there is none', async () => {
    await expect(serve(fixture('no-metrics'), esbuild({ format: 'cjs' }), CLIENTS, 'nothing')).rejects.toThrow(
      "Install prom-client (or @prometheus-io/client), or pass `registry`: `import { register } from 'prom-client'`",
    );
  });
});

describe('metrics of the app that Coalmine cannot reach', () => {
  const isToldOf = ({ item, stderr }: Responses): void => {
    expect(item).toBe('an item');
    expect(stderr).toContain('[COALMINE_TWO_CLIENTS]');
    expect(stderr).toContain('pass `registry: register`');
  };

  it.concurrent.each<'cjs' | 'esm'>(['cjs', 'esm'])(
    'cause a warning in a bundle (%s) without Coalmine',
    async (format) => {
      isToldOf(await serve(fixture('http'), esbuild({ format, minify: true }), ['@coalmine/node'], 'everything'));
    },
  );

  it.concurrent('cause no warning if the registry is given', async () => {
    const responses = await serve(fixture('given'), esbuild({ format: 'cjs' }), ['@coalmine/node'], 'everything');
    expectAll(responses);
    expect(responses.stderr).toBe('');
  });

  it.concurrent('cause a warning in a bundle with two copies of a client', async () => {
    const source = join(folder, 'two-copies');
    const copy = join(source, 'node_modules/prom-client');
    await cp(await realpath(PROM_CLIENT), copy, { recursive: true });
    await cp(dirname(fixture('http')), source, { recursive: true });
    // The folder of the packages that the service and the copy need.
    const nodePaths = [INSTALLED, dirname(await realpath(PROM_CLIENT))];
    isToldOf(await serve(join(source, 'http.mjs'), esbuild({ format: 'cjs', nodePaths }), [], 'nothing'));
  });
});
