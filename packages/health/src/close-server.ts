import type { Server } from 'node:http';

/**
 * Closes a server, and lets others close the server again without an error: many listeners for SIGTERM close the server of
 * the app, and end the process with 1 if Node tells them that the server is not running.
 */
export function closeServer(server: Server): void {
  const { close } = server;
  let isClosed = false;
  server.once('close', () => {
    isClosed = true;
  });
  server.close();
  server.close = (callback) => {
    if (callback !== undefined) {
      if (isClosed) process.nextTick(callback);
      else server.once('close', () => callback());
    }
    return server;
  };
  // It may listen again.
  server.prependOnceListener('listening', () => {
    server.close = close;
  });
}
