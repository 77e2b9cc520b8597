// The parts that the recipes share: a handler whose path says how long it takes, and the lines that the test reads.
import { setTimeout as delay } from 'node:timers/promises';

/** Responds after the milliseconds at the end of the path. */
export async function work({ url }) {
  await delay(Number(/\d+$/.exec(url)?.[0] ?? 0));
  return 'done';
}

export const typeDefs = 'type Query { hello: String }';

export function listening(server) {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
}

/** The work of the other library at the end of the process. */
export async function ended() {
  console.log(`ended at ${Date.now()}`);
}
