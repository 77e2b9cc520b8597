import { gunzipSync } from 'node:zlib';
import type { Format } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { type Body, Renderings } from './renderings.js';

/** Renders the number of the rendering, and waits in the middle of it until the test lets it go on. */
function heldRenders() {
  const begun: Format[] = [];
  const goOn: (() => void)[] = [];
  const renderings = new Renderings(async function* (format) {
    const number = begun.push(format);
    yield `${format} `;
    await new Promise<void>((resolve) => goOn.push(resolve));
    yield `${number}`;
  });
  return {
    renderings,
    begun,
    /** Lets the rendering go on that has begun. */
    async release(): Promise<void> {
      await expect.poll(() => goOn.length).toBe(1);
      goOn.pop()?.();
    },
  };
}

const textOf = async (body: Promise<Body>): Promise<string> => Buffer.concat((await body).chunks).toString();
const unzipped = async (body: Promise<Body>): Promise<string> => {
  const { chunks, length } = await body;
  const packed = Buffer.concat(chunks);
  expect(length).toBe(packed.length);
  return gunzipSync(packed).toString();
};

describe('renderings', () => {
  it('are shared by scrapes that asked before they began, whatever the encoding', async () => {
    const { renderings, begun, release } = heldRenders();
    const bodies = [renderings.body('text', false), renderings.body('text', true), renderings.body('text', false)];
    const again = renderings.body('text', true);
    expect(again).toBe(bodies[1]);
    await release();
    expect(await textOf(bodies[0] as Promise<Body>)).toBe('text 1');
    expect(await textOf(bodies[2] as Promise<Body>)).toBe('text 1');
    expect(await unzipped(again)).toBe('text 1');
    expect(begun).toEqual(['text']);
  });

  it('are not shared by scrapes that ask later, and come one after the other', async () => {
    const { renderings, begun, release } = heldRenders();
    const first = renderings.body('text', true);
    await expect.poll(() => begun).toHaveLength(1);
    const second = renderings.body('text', true);
    const open = renderings.body('openmetrics', false);
    const third = renderings.body('text', false);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(begun).toHaveLength(1);
    await release();
    expect(await unzipped(first)).toBe('text 1');
    await release();
    expect([await unzipped(second), await textOf(third)]).toEqual(['text 2', 'text 2']);
    await release();
    expect(await textOf(open)).toBe('openmetrics 3');
  });

  it('do not begin before the one before them is compressed', async () => {
    const events: string[] = [];
    const renderings = new Renderings(async function* (format) {
      events.push(`begin ${format}`);
      yield 'a text '.repeat(10_000);
    });
    const first = renderings.body('text', true).then(() => events.push('compressed'));
    await Promise.all([first, renderings.body('openmetrics', false)]);
    expect(events).toEqual(['begin text', 'compressed', 'begin openmetrics']);
  });

  it('that fail reject each scrape that waits, and the next one succeeds', async () => {
    let count = 0;
    const renderings = new Renderings(async function* () {
      yield 'a part';
      if (++count === 1) throw new Error('a metric failed');
    });
    const bodies = [renderings.body('text', false), renderings.body('text', true)];
    const next = bodies[0]?.catch(() => renderings.body('text', true)) as Promise<Body>;
    for (const body of bodies) await expect(body).rejects.toThrow('a metric failed');
    expect(await unzipped(next)).toBe('a part');
  });

  it('of nothing have no bytes, and are whole when they are compressed', async () => {
    const renderings = new Renderings(async function* () {});
    expect(await renderings.body('text', false)).toMatchObject({ length: 0 });
    expect(await unzipped(renderings.body('text', true))).toBe('');
  });

  it('hold whole buffers, which are used again after the last reader, and not before', async () => {
    const renderings = new Renderings(async function* () {
      yield 'a'.repeat(200_000);
    });
    const [body, same] = await Promise.all([
      renderings.body('text', false),
      renderings.body('text', false),
      renderings.body('text', true),
    ]);
    expect(body.length).toBe(200_000);
    expect(body.heldBytes).toBe(new Set(body.chunks.map(({ buffer }) => buffer)).size * 65_536);
    const memoryOf = ({ chunks }: Body): ReadonlySet<unknown> => new Set(chunks.map(({ buffer }) => buffer));
    const isReused = async (): Promise<boolean> => {
      const next = await renderings.body('text', false);
      return [...memoryOf(next)].some((memory) => memoryOf(body).has(memory));
    };
    body.release();
    expect(await isReused()).toBe(false);
    same.release();
    expect(await isReused()).toBe(true);
  });
});
