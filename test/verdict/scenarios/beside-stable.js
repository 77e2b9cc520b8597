import { answering, refusing, scan, visits } from '../behaviours.js';

const withLogin = visits({ '/login': 0.1 });
const withOld = visits({ '/old': 0.1 });
/** A handler for all other paths: files, and a page. */
const CATCH_ALL = { path: '/*', isCatchAll: true };
const withFiles = visits({ '/old': 0.1, '/assets/1.js': 0.1 });

/**
 * What stable does right, the canary must do right: answers that are no 5xx.
 *
 * @type {readonly import('../scenarios.js').Scenario[]}
 */
export const BESIDE_STABLE = [
  {
    name: 'client errors that both share',
    right: 'promote',
    why: 'the clients are wrong, on stable as well: 400, 401, 422',
    canary: refusing,
    stable: refusing,
  },
  {
    name: 'a scanner on the canary alone',
    right: ['promote', 'pause'],
    why: 'what is not there answers 404, as it should; nothing is rolled back for who came',
    others: [{ perSecond: 30, visit: scan }],
  },
  {
    name: 'a scanner beside files',
    right: ['promote', 'pause'],
    why: 'a handler for all other paths has the files, and answers the scanner of the canary with 404',
    moreRoutes: [CATCH_ALL],
    canary: () => files,
    stable: () => files,
    visit: withFiles,
    others: [{ perSecond: 30, visit: scan }],
  },
  {
    name: 'a few more are not found',
    right: ['promote', 'pause'],
    why: '4 % more 404 on a route: proven but small',
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
    why: 'everybody who asks for `/old` is sent away: 10 % of all',
    canary: answering({ status: 302 }, { route: '/old' }),
    visit: withOld,
  },
  {
    name: 'the login is broken',
    right: 'rollback',
    why: 'half of those who log in get a 401: 5 % of all',
    canary: answering({ status: 401 }, { share: 0.5, route: '/login' }),
    visit: withLogin,
    // A span of five seconds has as many as one of a minute has of a service with ten a second.
    perSecond: 120,
  },
  {
    name: 'users are turned away',
    right: 'rollback',
    why: 'half of them get a 429',
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
    why: 'the canary does not register `/old`, which a tenth of the users ask for',
    canaryRoutes: without('/old'),
    visit: withOld,
  },
  {
    name: 'a route is lost behind a page',
    right: 'rollback',
    why: 'the canary does not register `/old`, and answers with the page that all other paths have',
    moreRoutes: [CATCH_ALL],
    canaryRoutes: without('/old'),
    visit: withFiles,
  },
  {
    name: 'traffic that does not arrive',
    right: 'pause',
    why: 'the step gives the canary half of the traffic, and one request in fifty reaches it',
    perSecond: 2.4,
    stablePerSecond: 118,
    manifests: { router: 'nginx' },
    args: { 'canary-weight': '50' },
  },
];

/** @type {import('../behaviours.js').Behaviour} */
function files(route, { url = '' }) {
  return route === CATCH_ALL.path && !url.startsWith('/assets/') ? { status: 404 } : {};
}

/** @param {string} path @returns {import('../scenarios.js').Scenario['canaryRoutes']} */
function without(path) {
  return (routes) => routes.filter((route) => route.path !== path);
}
