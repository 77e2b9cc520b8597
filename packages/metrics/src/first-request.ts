import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const CHANNEL = 'http.server.request.start';

let state: 'unwatched' | 'waiting' | 'served' = 'unwatched';

/** Learns of the first HTTP request that comes to any server of this process; then stops listening. */
export function watchFirstRequest(): void {
  if (state !== 'unwatched') return;
  state = 'waiting';
  subscribe(CHANNEL, serve);
}

/** Whether an HTTP request has come to any server of this process since {@link watchFirstRequest}. */
export function hasServed(): boolean {
  return state === 'served';
}

function serve(): void {
  state = 'served';
  unsubscribe(CHANNEL, serve);
}
