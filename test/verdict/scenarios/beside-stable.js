import { answering, refusing, scan, visits } from '../behaviours.js';

const withLogin = visits({ '/login': 0.1 });
const withOld = visits({ '/old': 0.1 });
/** A handler for all other paths, with files and a page. */
const CATCH_ALL = { path: '/*', isCatchAll: true };
const withFiles = visits({ '/old': 0.1, '/assets/1.js': 0.1 });
/** @type {import('../service.js').Route} */
const ORDERS = { path: '/orders', method: 'POST' };
/** A step that gives the canary half of the traffic. */
const HALF = { manifests: { router: 'nginx' }, args: { 'canary-weight': '50' } };

/**
 * The canary must do correctly what stable does correctly. These scenarios have other responses than 5xx.
 *
 * @type {readonly import('../scenarios.js').Scenario[]}
 */
export const BESIDE_STABLE = [
  {
    name: 'client errors that both share',
    right: 'promote',
    why: 'the clients make mistakes, on stable as well: 400, 401, 422',
    canary: refusing,
    stable: refusing,
  },
  {
    name: 'a scanner on the canary alone',
    right: ['promote', 'pause'],
    why: 'paths that do not exist get a 404, as they should, and a scanner is no reason to roll back',
    others: [{ perSecond: 30, visit: scan }],
  },
  {
    name: 'a scanner beside files',
    right: ['promote', 'pause'],
    why: 'a handler for all other paths serves files, and responds with 404 to the scanner of the canary',
    moreRoutes: [CATCH_ALL],
    canary: () => files,
    stable: () => files,
    visit: withFiles,
    others: [{ perSecond: 30, visit: scan }],
  },
  {
    name: 'a few more are not found',
    right: ['promote', 'pause'],
    why: '4 % more 404 on a route: a proven but small difference',
    canary: answering({ status: 404 }, { share: 0.04, route: '/items/:id' }),
  },
  {
    name: 'a redirect that is announced',
    right: 'promote',
    why: 'the release accepts that `/old` redirects',
    canary: answering({ status: 302 }, { route: '/old' }),
    visit: withOld,
    manifests: { accept: ['GET /old 302'] },
  },
  {
    name: 'a redirect that nobody announced',
    right: 'rollback',
    why: 'all requests for `/old` are redirected: 10 % of all requests',
    canary: answering({ status: 302 }, { route: '/old' }),
    visit: withOld,
  },
  {
    name: 'the login is broken',
    right: 'rollback',
    why: 'half of the logins get a 401: 5 % of all requests',
    canary: answering({ status: 401 }, { share: 0.5, route: '/login' }),
    visit: withLogin,
    // A span of five seconds has as many requests as a minute of a service with ten requests a second.
    perSecond: 120,
  },
  {
    name: 'users are turned away',
    right: 'rollback',
    why: 'half of the users get a 429',
    canary: answering({ status: 429 }, { share: 0.5, route: '/items/:id' }),
  },
  {
    name: 'a parameter has another name',
    right: 'promote',
    why: 'the same pages under `/items/:itemId`',
    canaryRoutes: (routes) =>
      routes.map((route) => (route.path === '/items/:id' ? { ...route, path: '/items/:itemId' } : route)),
  },
  {
    name: 'a route was removed, as announced',
    right: 'promote',
    why: 'the release accepts that `/old` is not found',
    canaryRoutes: without('/old'),
    visit: withOld,
    manifests: { accept: ['GET /old 404'] },
  },
  {
    name: 'a route is lost',
    right: 'rollback',
    why: 'the canary does not register `/old`, which gets a tenth of the requests',
    canaryRoutes: without('/old'),
    visit: withOld,
  },
  {
    name: 'a route is lost behind a page',
    right: 'rollback',
    why: 'the canary does not register `/old`, and responds with the page of all other paths',
    moreRoutes: [CATCH_ALL],
    canaryRoutes: without('/old'),
    visit: withFiles,
  },
  {
    name: 'a middleware refuses writes',
    right: 'rollback',
    why: 'a middleware before the routes refuses all orders: 10 % of all requests',
    // As many orders as logins in the scenario of the login.
    perSecond: 120,
    stablePerSecond: 120,
    moreRoutes: [ORDERS],
    visit: visits({ [ORDERS.path]: 0.1 }, ORDERS.method),
    canaryMiddleware: refuseWrites,
    ...HALF,
  },
  {
    name: 'a load tester of a redirect',
    right: ['promote', 'pause'],
    why: 'a middleware redirects `/` on both sides, and a load tester asks the canary alone for this page',
    perSecond: 60,
    stablePerSecond: 60,
    middleware: redirectHome,
    others: [{ perSecond: 30, visit: () => ({ path: '/' }) }],
    ...HALF,
  },
  {
    name: 'traffic that does not arrive',
    right: 'pause',
    why: 'the step gives the canary half of the traffic, but one request in fifty reaches the canary',
    perSecond: 2.4,
    stablePerSecond: 118,
    ...HALF,
  },
];

/** @type {import('../behaviours.js').Middleware} */
function refuseWrites({ method }) {
  return method === 'POST' ? 403 : undefined;
}

/** @type {import('../behaviours.js').Middleware} */
function redirectHome({ url }) {
  return url === '/' ? 302 : undefined;
}

/** @type {import('../behaviours.js').Behaviour} */
function files(route, { url = '' }) {
  return route === CATCH_ALL.path && !url.startsWith('/assets/') ? { status: 404 } : {};
}

/** @param {string} path @returns {import('../scenarios.js').Scenario['canaryRoutes']} */
function without(path) {
  return (routes) => routes.filter((route) => route.path !== path);
}
