const over = (http: 'http1' | 'http2') => ({
  requests: {
    '/ok 200': 1,
    '/cut 500': 1,
    '/hang 499': http === 'http1' ? 4 : 2,
    '/hang 504': 1,
    '/stall 200': http === 'http1' ? 2 : 1,
    '/events 200': 1,
    ...(http === 'http1' && { '/destroy 500': 1, '/large 200': 1, '(unmatched) 101': 1 }),
  },
  observed: {
    '/ok 200': 1,
    '/cut 500': 1,
    '/hang 499': 1,
    '/hang 504': 1,
    ...(http === 'http1' && { '/destroy 500': 1, '/large 200': 1 }),
  },
});

/** The expected output of exercise.js on every runtime. */
export const COUNTED = {
  fastify: over('http1'),
  express: over('http1'),
  'node:http': over('http1'),
  'node:http2': over('http2'),
};
