import { signExclusion } from '@coalmine/fastify';

const PERIOD_MILLISECONDS = 100;

/**
 * Sends checkouts again and again with a test account that has expired, and signs each request, so that the service can
 * see that the request is not a user's.
 *
 * @param {number} port
 * @param {string} secret
 */
export function monitor(port, secret) {
  const checks = [];
  const timer = setInterval(() => checks.push(check(port, secret)), PERIOD_MILLISECONDS);
  return {
    /** Returns the status of each request, when all have their responses. */
    stop() {
      clearInterval(timer);
      return Promise.all(checks);
    },
  };
}

async function check(port, secret) {
  const method = 'POST';
  const url = `http://127.0.0.1:${port}/checkout`;
  const marker = signExclusion({ keyId: 'monitor', secret, method, url });
  const headers = { 'content-type': 'application/json', ...marker };
  try {
    const response = await fetch(url, { method, headers, body: JSON.stringify({ card: 'test' }) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    // The request was sent and got no response, so the numbers will not be equal.
    return 0;
  }
}
