import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Makes each response the last of its connection, so that the next request uses another connection, to another pod. */
export function askToLeave(server: Server): void {
  const ask = (_request: unknown, response: ServerResponse): void => lastOfConnection(response);
  server.prependListener('request', ask);
  // A listener of ours alone would keep Node from sending `100 Continue`.
  if (server.listenerCount('checkContinue') > 0) server.prependListener('checkContinue', ask);
}

/** Makes the current response the last of its connection. */
export function closeAfterResponse(socket: Socket): void {
  const { _httpMessage: response } = socket as { readonly _httpMessage?: ServerResponse | null };
  if (response?.req !== undefined) lastOfConnection(response);
}

function lastOfConnection(response: ServerResponse): void {
  if (response.req.httpVersionMajor >= 2 || response.headersSent) return;
  response.setHeader('connection', 'close');
  // An app that asks the client to keep the connection would lose the next request. Node passes the headers of `writeHead` to
  // these methods, too, because the response has a header already.
  for (const name of ['setHeader', 'appendHeader', 'removeHeader'] as const) {
    const change = response[name] as HeaderChange;
    const changeOther: HeaderChange = (header, ...values) =>
      String(header).toLowerCase() === 'connection' ? response : change.call(response, header, ...values);
    Object.assign(response, { [name]: changeOther });
  }
}

/** A method of a response that changes one header. */
type HeaderChange = (this: ServerResponse, header: string, ...values: unknown[]) => unknown;
