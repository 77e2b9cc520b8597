import { answering, SLOW, visits } from '../behaviours.js';

const withReports = visits({ '/reports/1': 0.2 });

/**
 * In these scenarios each route has its own users, and may have its own objective.
 *
 * @type {readonly import('../scenarios.js').Scenario[]}
 */
export const ROUTES = [
  {
    name: 'one rare route is broken',
    right: 'rollback',
    why: 'all requests to this route fail: 5 % of all requests',
    canary: answering({ status: 500 }, { route: '/rare/:id' }),
    visit: visits({ '/rare/1': 0.05 }),
  },
  {
    name: 'the rarest route is broken',
    right: 'rollback',
    why: 'all requests to this route fail: 2 % of all requests',
    perSecond: 120,
    stablePerSecond: 120,
    canary: answering({ status: 500 }, { route: '/rare/:id' }),
    visit: visits({ '/rare/1': 0.02 }),
  },
  {
    name: 'a rare route fails for half',
    right: 'rollback',
    why: 'half of 3 % fail: too few to prove that the service misses its objective, but stable does not fail them',
    // In a span of five seconds half of 25 requests fail, and proof needs at least eight failures.
    perSecond: 200,
    stablePerSecond: 200,
    canary: answering({ status: 500 }, { share: 0.5, route: '/rare/:id' }),
    visit: visits({ '/rare/1': 0.03 }),
  },
  {
    name: 'a route of a tenth fails for half',
    right: 'rollback',
    why: '5 % of all requests fail',
    canary: answering({ status: 500 }, { share: 0.5, route: '/rare/:id' }),
    visit: visits({ '/rare/1': 0.1 }),
  },
  {
    name: 'a rare route is slow',
    right: 'rollback',
    why: 'all requests to this route are slow: 4 % of all requests, where 5 % are allowed',
    canary: answering({ milliseconds: SLOW }, { route: '/rare/:id' }),
    visit: visits({ '/rare/1': 0.04 }),
  },
  {
    name: 'a report takes long, as it may',
    right: 'promote',
    why: 'a fifth of the requests take 0.25 s, and this route promises 0.4 s',
    canary: answering({ milliseconds: 250 }, { route: '/reports/:id' }),
    stable: answering({ milliseconds: 250 }, { route: '/reports/:id' }),
    visit: withReports,
  },
  {
    name: 'a report takes longer than it may',
    right: 'rollback',
    why: 'a fifth of the requests take 0.6 s, and this route promises 0.4 s',
    canary: answering({ milliseconds: 600 }, { route: '/reports/:id' }),
    stable: answering({ milliseconds: 250 }, { route: '/reports/:id' }),
    visit: withReports,
  },
  {
    name: 'a fast route that is slow on both sides',
    right: 'promote',
    why: '8 % of the requests take 40 ms where 20 ms are promised, on stable as well',
    canary: answering({ milliseconds: 40 }, { route: '/fast' }),
    stable: answering({ milliseconds: 40 }, { route: '/fast' }),
    visit: visits({ '/fast': 0.08 }),
  },
  {
    name: 'a fast route has become slow',
    right: 'rollback',
    why: 'a fifth of the requests take 60 ms where 20 ms are promised, and no request takes 0.1 s',
    canary: answering({ milliseconds: 60 }, { route: '/fast' }),
    visit: visits({ '/fast': 0.2 }),
  },
  {
    name: 'errors behind a 200',
    right: 'rollback',
    why: 'one response in ten is an error of GraphQL, which the app reports with `fail()`',
    canary: answering({ fails: true }, { share: 0.1 }),
  },
];
