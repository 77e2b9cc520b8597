import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { coalmine } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import awsLambdaFastify from '@fastify/aws-lambda';
import express from 'express';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import serverless from 'serverless-http';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { Exposition } from '../support/exposition.js';

// Callers of an app that has no server of its own.

const folder = fileURLToPath(new URL('jest', import.meta.url));
const event = (path: string) => ({ httpMethod: 'GET', path, headers: {}, requestContext: {}, isBase64Encoded: false });

it('Jest runs apps of each framework, finds no open handle, and ends by itself', async () => {
  build('nest');
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const { NODE_OPTIONS: _, VITEST: __, NODE_ENV: ___, ...env } = process.env;
  const args = [jest, '--rootDir', folder, '--runInBand', '--detectOpenHandles', '--no-cache'];
  const run = promisify(execFile)(process.execPath, args, { cwd: folder, env, timeout: 250_000 });
  const { stderr } = await run.catch((error) => error);
  expect(stderr).toContain('Tests:       6 passed, 6 total');
  expect(stderr).not.toContain('open handle');
  expect((await run).stdout).toBe('');
});

describe('a serverless adapter', () => {
  const COUNTED = { 'GET /items/:id 200': 1, 'GET /items/:id 500': 1, 'GET (unmatched) 404': 1 };
  const PATHS = ['/items/7', '/items/boom', '/nowhere'];

  it('calls an Express app through serverless-http', async () => {
    const registry = new Registry();
    const app = express();
    const metered = coalmine({ registry, health: false });
    app.use(metered);
    app.get('/items/:id', (asked, response) => void response.sendStatus(asked.params.id === 'boom' ? 500 : 200));
    const handler = serverless(app);
    const statuses = [];
    for (const path of PATHS) {
      statuses.push(((await handler(event(path), {})) as { readonly statusCode: number }).statusCode);
    }
    expect(statuses).toEqual([200, 500, 404]);
    expect(new Exposition(await registry.metrics()).requests()).toEqual(COUNTED);
    await metered.instrument.close();
  });

  it('calls a Fastify app through @fastify/aws-lambda', async () => {
    const registry = new Registry();
    const app = Fastify();
    await app.register(coalmineFastify, { registry, health: false });
    app.get<{ Params: { id: string } }>('/items/:id', async ({ params: { id } }, reply) =>
      reply.code(id === 'boom' ? 500 : 200).send(),
    );
    const proxy = awsLambdaFastify(app);
    const statuses = [];
    for (const path of PATHS) statuses.push((await proxy(event(path), {})).statusCode);
    expect(statuses).toEqual([200, 500, 404]);
    expect(new Exposition(await registry.metrics()).requests()).toEqual(COUNTED);
    await app.close();
  });
});

it('supertest sends requests to an app in Vitest', async () => {
  const registry = new Registry();
  const app = express();
  const metered = coalmine({ registry, health: false });
  app.use(metered);
  app.get('/items/:id', (_request, response) => void response.send('item'));
  await request(app).get('/items/7').expect(200, 'item');
  expect(new Exposition(await registry.metrics()).requests()).toEqual({ 'GET /items/:id 200': 1 });
  await metered.instrument.close();
});
