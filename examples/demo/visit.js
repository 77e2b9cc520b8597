import { request as httpRequest } from 'node:http';

/**
 * What a client saw of one request.
 *
 * @typedef {object} Visit
 * @property {import('./errands.js').Errand} errand
 * @property {'answered' | 'left' | 'left mid-body' | 'cut'} end
 * @property {number | undefined} status the status that was received, if any
 * @property {number} startedAt milliseconds, when the request was sent
 * @property {number} endedAt milliseconds
 */

/**
 * Runs one errand and returns how it ended for the user.
 *
 * @param {number} port
 * @param {import('node:http').Agent} agent
 * @param {import('./errands.js').Errand} errand
 * @returns {Promise<Visit>}
 */
export function visit(port, agent, errand) {
  const { method, path, body, wait, leavesMidBody } = errand;
  return new Promise((resolve) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = httpRequest({ host: '127.0.0.1', port, agent, method, path, headers });
    let startedAt = performance.now();
    let status;
    let patience;

    // The wait starts when the request is sent, because the time to connect does not depend on the handler.
    request.on('finish', () => {
      startedAt = performance.now();
      patience = setTimeout(() => {
        // The response may already be in the socket: a user who sees it does not leave.
        setImmediate(() => {
          if (status === undefined) leave('left');
        });
      }, wait * 1000);
    });
    request.on('response', (response) => {
      clearTimeout(patience);
      status = response.statusCode;
      response.on('data', () => {
        if (leavesMidBody) leave('left mid-body');
      });
      response.on('end', () => end('answered'));
      response.on('error', () => end('cut'));
    });
    request.on('error', () => end('cut'));
    request.end(body === undefined ? undefined : JSON.stringify(body));

    function leave(how) {
      end(how);
      request.destroy();
    }

    function end(how) {
      clearTimeout(patience);
      // Only the first end counts: after the client leaves, an error follows.
      resolve({ errand, end: how, status, startedAt, endedAt: performance.now() });
    }
  });
}
