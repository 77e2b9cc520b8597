import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { visit } from './visit.js';

// Never more requests at once than this, however slow the service.
const USERS = 40;

/**
 * Has a crowd of users run all errands, one after the other at a steady pace, each user on a connection of their own.
 * Answers what they saw.
 *
 * @param {number} port
 * @param {import('./errands.js').Errand[]} errands
 * @param {number} spacing milliseconds from one to the next
 */
export async function drive(port, errands, spacing) {
  const startedAt = performance.now();
  const visits = [];
  // All users draw from one list. A slow service is asked as often as a fast one: users do not wait for each other.
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
