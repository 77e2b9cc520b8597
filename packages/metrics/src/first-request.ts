import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const CHANNEL = 'http.server.request.start';

let state: 'unwatched' | 'waiting' | 'served' = 'unwatched';

/** Listens for the first HTTP request to any server of this process, and then stops listening. */
export function watchFirstRequest(): void {
  if (state !== 'unwatched') return;
  state = 'waiting';
  subscribe(CHANNEL, serve);
}

/** Whether an HTTP request has reached any server of this process since {@link watchFirstRequest}. */
export function hasServed(): boolean {
  return state === 'served';
}

function serve(): void {
  state = 'served';
  unsubscribe(CHANNEL, serve);
}
