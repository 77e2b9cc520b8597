import { connect, createServer, type Socket } from 'node:net';

/** A proxy in front of a server that can accept data without forwarding it. */
export interface BlackHole {
  readonly port: number;
  isDark: boolean;
  /** Messages from clients since the proxy stopped forwarding. */
  readonly swallowed: number;
  close(): void;
}

export async function startBlackHole(target: number): Promise<BlackHole> {
  const sockets = new Set<Socket>();
  let swallowed = 0;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => {
      if (hole.isDark) swallowed++;
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => hole.isDark || client.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const hole: BlackHole = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    isDark: false,
    get swallowed() {
      return swallowed;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return hole;
}
