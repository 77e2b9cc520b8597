import { createServer, type Server } from 'node:http';
import { CoalmineError } from '@coalmine/options';
import { type Endpoint, endpointFor } from './endpoint.js';

export interface AdminOptions {
  /**
   * TCP port of a separate listener for the endpoints of Coalmine, which the app then no longer serves. 0 lets the
   * system choose.
   */
  readonly port: number;
  /** @defaultValue all interfaces */
  readonly host?: string;
}

/** A listener that serves only the endpoints of Coalmine. */
export interface Admin {
  /** Listens, once, and returns the port. Rejects with {@link CoalmineError} `COALMINE_ADMIN_LISTEN`. */
  listen(): Promise<number>;
  close(): Promise<void>;
}

/** Creates a listener, whose options a user typed as `option`. */
export function createAdmin({ port, host }: AdminOptions, endpoints: readonly Endpoint[], option = 'admin'): Admin {
  const server = createServer((request, response) => {
    const match = endpointFor(endpoints, request);
    if (match !== undefined) return match.endpoint.handle(request, response, match.check);
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('Not Found\n');
  });
  // The app keeps the process alive, not the admin listener.
  server.unref();
  let listening: Promise<number> | undefined;
  return {
    listen: () => {
      listening ??= listen();
      return listening;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => {
        const message = `${option}.port must be free to listen on, got ${port}${host === undefined ? '' : ` on ${host}`}: ${cause.message}`;
        reject(new CoalmineError('COALMINE_ADMIN_LISTEN', message, { cause }));
      });
      server.listen(port, host, () => resolve(portOf(server)));
    });
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
