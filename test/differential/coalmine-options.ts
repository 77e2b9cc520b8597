import type { CoalmineOptions } from '@coalmine/node';

/** Options of Coalmine in generated apps, by name. Each app adds its own registry. */
export const COALMINE_OPTIONS: Readonly<Record<string, CoalmineOptions>> = {
  'without endpoints': { warmup: false, health: false, metrics: { path: false } },
  'without a warm-up': { warmup: false },
  none: {},
  'an admin listener': { admin: { port: 0, host: '127.0.0.1' }, objective: { latency: 0.001, patience: 0.002 } },
  traffic: {
    warmup: false,
    traffic: {
      exclude: {
        routes: ['/a', '/:p', '/*'],
        trusted: { cidrs: ['127.0.0.0/8'], userAgents: ['monitor/'] },
        signed: { keys: { test: 'a secret of at least thirty-two characters' } },
        when: (request) => request.method === 'POST' && 'custom',
      },
      countErrors: true,
      maxExcludedShare: 0.9,
    },
  },
  checks: { warmup: { minSeconds: 0 }, health: { checks: { memory: () => {} }, details: 'always' } },
};
