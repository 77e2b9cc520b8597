import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { portOf } from './fixtures/meeting.js';
import { watchHandshake } from './upgrade.js';

const UPGRADE = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';

/** An upgrade that has reached its listener, and what was seen of its handshake. */
async function meetUpgrade() {
  const server = createServer();
  const reached = once(server, 'upgrade') as Promise<[unknown, Duplex]>;
  const client: Socket = connect({ port: await portOf(server), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void client.destroy());
  client.on('error', () => {}).write(UPGRADE);
  const [, socket] = await reached;
  socket.on('error', () => {});
  const { write, end } = socket;
  const seen: (number | 'unanswered' | 'closed')[] = [];
  watchHandshake(socket, {
    answered: (status) => void seen.push(status),
    unanswered: () => void seen.push('unanswered'),
    closed: () => void seen.push('closed'),
  });
  return { client, socket, seen, isAsBefore: () => socket.write === write && socket.end === end };
}

describe('the handshake of an upgrade', () => {
  it.each<[what: string, respond: (socket: Duplex) => unknown, status: number]>([
    ['a switch', (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'), 101],
    ['a refusal', (socket) => socket.end('HTTP/1.1 426 Upgrade Required\r\n\r\n'), 426],
    ['a refusal in bytes', (socket) => socket.write(Buffer.from('HTTP/1.0 503 Busy\r\n\r\n')), 503],
    // A protocol that begins without a response has taken the connection.
    ['another protocol', (socket) => socket.write(Buffer.from([0x81, 0])), 101],
    ['an empty text', (socket) => socket.write(''), 101],
  ])('is answered by %s', async (_what, respond, status) => {
    const { socket, seen, isAsBefore } = await meetUpgrade();
    respond(socket);
    expect(seen).toEqual([status]);
    expect(isAsBefore()).toBe(true);
    if (!socket.writableEnded) socket.write('HTTP/1.1 500 Internal Server Error\r\n\r\n');
    expect(seen).toEqual([status]);
  });

  it('passes chunks, encodings and callbacks on', async () => {
    const { client, socket } = await meetUpgrade();
    const written = new Promise((resolve) => {
      expect(socket.write('w\u00fc', 'latin1', resolve)).toBe(true);
    });
    expect(Buffer.compare((await once(client, 'data'))[0], Buffer.from([0x77, 0xfc]))).toBe(0);
    await written;
  });

  it('is not answered by an end without a response, and has closed then', async () => {
    const { client, socket, seen } = await meetUpgrade();
    const closed = once(socket, 'close');
    socket.end();
    client.resume().end();
    await closed;
    expect(seen.filter((each) => each !== 'unanswered')).toEqual(['closed']);
    expect(seen[0]).toBe('unanswered');
  });

  it('is not answered if its client ends its side first', async () => {
    const { client, socket, seen } = await meetUpgrade();
    socket.resume();
    client.end();
    await expect.poll(() => seen).toContain('unanswered');
    socket.destroy();
    await expect.poll(() => seen).toContain('closed');
  });
});
