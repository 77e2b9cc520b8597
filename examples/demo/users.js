import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { visit } from './visit.js';

// The largest number of requests at once, however slow the service is.
const USERS = 40;

/**
 * Runs all errands one after the other at a steady pace, with many users, each on a connection of their own. Returns what the
 * users saw.
 *
 * @param {number} port
 * @param {import('./errands.js').Errand[]} errands
 * @param {number} spacing milliseconds from one errand to the next
 */
export async function drive(port, errands, spacing) {
  const startedAt = performance.now();
  const visits = [];
  // All users take errands from one list and do not wait for each other, so a slow service gets as many requests as a fast one.
  const queue = errands.entries();
  await Promise.all(Array.from({ length: USERS }, user));
  return visits;

  async function user() {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const [i, errand] of queue) {
      await delay(startedAt + i * spacing - performance.now());
      visits.push(await visit(port, agent, errand));
    }
    agent.destroy();
  }
}
