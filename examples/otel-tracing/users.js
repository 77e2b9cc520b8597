import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

const PER_SECOND = 90;
// Longer than the patience of the service, which is four times its objective.
const LEAVE_AFTER_MILLISECONDS = 1_500;
const SAMPLED_SHARE = 0.75;

/**
 * Starts users who send requests to each pod in turn, through an ingress that starts the trace of each request and decides
 * whether it is sampled. The service follows that decision. `seen` has what each user got.
 *
 * @param {{ pod: string, port: number }[]} pods
 */
export function startUsers(pods) {
  /** @type {{ traceId: string, isSampled: boolean, pod: string, path: string, status: number | undefined }[]} */
  const seen = [];
  const waiting = new Set();
  let i = 0;
  const timer = setInterval(() => {
    const { pod, port } = pods[i % pods.length];
    const [method, path] = i % 4 === 3 ? ['POST', '/checkout'] : ['GET', `/items/${i % 1_000}`];
    i += 1;
    const traceId = randomBytes(16).toString('hex');
    const isSampled = Math.random() < SAMPLED_SHARE;
    const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-${isSampled ? '01' : '00'}`;
    const visit = ask({ port, method, path, headers: { traceparent } }).then((status) => {
      seen.push({ traceId, isSampled, pod, path, status });
      waiting.delete(visit);
    });
    waiting.add(visit);
  }, 1_000 / PER_SECOND);
  return {
    seen,
    /** Sends no more requests, and waits for the responses that are still missing. */
    async stop() {
      clearInterval(timer);
      await Promise.all(waiting);
    },
  };
}

/** Returns the status that a user gets, or `undefined` if there is no response and the user leaves. */
function ask(options) {
  return new Promise((resolve) => {
    let status;
    const asked = request({ host: '127.0.0.1', ...options }, (response) => {
      status = response.statusCode;
      response.resume();
    });
    asked.setTimeout(LEAVE_AFTER_MILLISECONDS, () => asked.destroy());
    // An undefined status shows that there was no response.
    asked.on('error', () => {}).on('close', () => resolve(status));
    asked.end();
  });
}
