import { once } from 'node:events';
import { Agent, type RequestOptions, request as requestHttp } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Outgoing } from './prime-options.js';

/** Connections of a process to its own server. */
export interface Loopback {
  /** Sends a request, reads the response to its end, and returns the status. Rejects if there is no response. */
  send(request: Outgoing, signal: AbortSignal): Promise<number>;
  /** Ends the connections. */
  close(): void;
}

// The service is its own client here, on a connection that never leaves the process: nobody can pretend to be the
// server, and a certificate for its public name does not name 127.0.0.1.
const OWN_CERTIFICATE = { rejectUnauthorized: false };

/**
 * Connects to a server through a listener of this process on a free loopback port. Its connections are handed to the
 * server as if the server had accepted them, which Node documents for `http` and `tls` servers.
 *
 * The port of the server itself does not work: in a cluster, any worker may accept from it; and it may be a Unix
 * socket, or bound to an address that cannot be reached from here.
 */
export async function openLoopback(server: Server, connections: number): Promise<Loopback> {
  const sockets = new Set<Socket>();
  const door = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    server.emit('connection', socket);
  });
  door.listen({ host: '127.0.0.1', port: 0, exclusive: true });
  await once(door, 'listening');
  // Priming does not keep a process alive.
  door.unref();
  const { port } = door.address() as AddressInfo;
  const client = clientOf(server, port, connections);
  return {
    send: client.send,
    close() {
      client.close();
      door.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function clientOf(server: Server, port: number, connections: number): Loopback {
  const isTls = server instanceof TlsServer;
  // The classes of HTTP/2 servers are not exported. Only these servers have settings.
  if ('updateSettings' in server) return http2Client(isTls, port);
  const settings = { keepAlive: true, maxSockets: connections };
  const agent = isTls ? new TlsAgent({ ...settings, ...OWN_CERTIFICATE }) : new Agent(settings);
  return {
    send: (request, signal) => sendHttp1(isTls, { host: '127.0.0.1', port, agent, signal }, request),
    close: () => agent.destroy(),
  };
}

function sendHttp1(
  isTls: boolean,
  options: RequestOptions,
  { method, path, host, headers, body }: Outgoing,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = (isTls ? requestHttps : requestHttp)({ ...options, method, path, headers: { ...headers, host } });
    request.once('response', (response) => {
      // An error rejects the wait for the end. The rest of the body does not matter.
      response.once('error', reject);
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    request.once('error', reject);
    request.end(body);
  });
}

function http2Client(isTls: boolean, port: number): Loopback {
  const session = connectHttp2(`${isTls ? 'https' : 'http'}://127.0.0.1:${port}`, OWN_CERTIFICATE);
  // Each request reports the error itself.
  session.on('error', () => {});
  session.unref();
  return {
    send: ({ method, path, host, headers, body }, signal) =>
      new Promise((resolve, reject) => {
        const stream = session.request(
          { ...headers, ':method': method, ':path': path, ':authority': host },
          { signal, endStream: body === undefined },
        );
        let status = 0;
        stream.once('response', ({ ':status': received }) => {
          status = received ?? 0;
        });
        stream.once('error', reject);
        stream.once('close', () => reject(new Error('the stream was closed')));
        stream.once('end', () => resolve(status));
        stream.resume();
        if (body !== undefined) stream.end(body);
      }),
    close: () => session.destroy(),
  };
}
