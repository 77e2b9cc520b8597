import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const PACKAGES = new URL('../packages/', import.meta.url);

// All edges of the architecture. Adapters get what they need from lower packages through `node`.
const EDGES: Record<string, readonly string[]> = {
  options: [],
  metrics: ['options'],
  traffic: ['options'],
  warmup: ['options'],
  health: ['options'],
  node: ['health', 'metrics', 'options', 'traffic', 'warmup'],
  fastify: ['node'],
  express: ['node'],
  koa: ['node'],
  hono: ['node', 'options'],
  cli: ['metrics', 'options'],
  otel: ['metrics', 'node', 'options'],
  graphql: ['node', 'options'],
  trpc: ['node'],
  nest: ['express', 'fastify'],
};

// The README of a package has the reason for each runtime dependency.
const DEPENDENCIES: Record<string, readonly string[]> = {
  options: [],
  metrics: [],
  traffic: [],
  warmup: [],
  health: ['negotiator', 'semver'],
  node: ['negotiator'],
  fastify: ['fastify-plugin'],
  express: [],
  koa: [],
  hono: [],
  cli: ['@lezer/highlight', '@lezer/lr', '@prometheus-io/lezer-promql', 'commander', 'yaml'],
  otel: [],
  graphql: [],
  trpc: [],
  nest: [],
};

// Peers that are loaded at run time. Packages use only the types of the other peers.
const PEERS: Record<string, readonly string[]> = {
  otel: ['@opentelemetry/api'],
  trpc: ['@trpc/server/http'],
  nest: ['@nestjs/common', '@nestjs/core'],
};

describe('the packages', () => {
  it('are the packages whose imports are listed here', () => {
    expect(readdirSync(PACKAGES, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? [e.name] : []))).toEqual(
      Object.keys(EDGES).sort(),
    );
  });

  it.each(Object.keys(EDGES))('%s imports and declares what it may, and no more', (name) => {
    const { dependencies = {} } = JSON.parse(readFileSync(new URL(`${name}/package.json`, PACKAGES), 'utf8'));
    const allowed = [...(EDGES[name] ?? []).map((edge) => `@coalmine/${edge}`), ...(DEPENDENCIES[name] ?? [])];
    expect(Object.keys(dependencies).sort()).toEqual([...allowed].sort());

    const source = new URL(`${name}/src/`, PACKAGES);
    const files = (readdirSync(source, { recursive: true }) as string[]).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('fixtures/'),
    );
    const imported = files.flatMap((file) => {
      const text = readFileSync(new URL(file, source), 'utf8');
      return [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '([^.'][^']*)';/gm)].map(([, from]) => from);
    });
    const bare = new Set(imported.filter((from) => !from?.startsWith('node:')));
    for (const from of bare) expect([...allowed, ...(PEERS[name] ?? [])]).toContain(from);
  });

  it.each(Object.keys(EDGES))('%s has folders that import one way', (name) => {
    const source = new URL(`${name}/src/`, PACKAGES);
    const files = (readdirSync(source, { recursive: true }) as string[]).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    );
    const imports = files.flatMap((file) => {
      const text = readFileSync(new URL(file, source), 'utf8');
      return [...text.matchAll(/from '(\.[^']+)\.js'/g)].map(([, to = '']) => [
        folderOf(file),
        folderOf(posix.join(posix.dirname(file), to)),
      ]);
    });
    const edges = new Map<string, Set<string>>();
    for (const [from = '', to = ''] of imports) {
      if (from !== '' && to !== '' && from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
    expect(circleIn(edges)).toEqual([]);
  });

  it.each(Object.keys(EDGES))('%s runs on every Node that is supported, under the licence of all', (name) => {
    const { engines, license, type } = JSON.parse(readFileSync(new URL(`${name}/package.json`, PACKAGES), 'utf8'));
    expect({ engines, license, type }).toEqual({ engines: { node: '>=20.19' }, license: 'Apache-2.0', type: 'module' });
  });
});

/** Returns the first folder below `src`, or nothing for a file beside the folders. */
function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}

/** Returns the first path found that leads from a folder back to it, or an empty list. */
function circleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const done = new Set<string>();
  const walk = (from: string, way: readonly string[]): readonly string[] => {
    if (way.includes(from)) return [...way.slice(way.indexOf(from)), from];
    if (done.has(from)) return [];
    done.add(from);
    for (const to of edges.get(from) ?? []) {
      const circle = walk(to, [...way, from]);
      if (circle.length > 0) return circle;
    }
    return [];
  };
  for (const from of edges.keys()) {
    const circle = walk(from, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
