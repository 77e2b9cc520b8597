import { signExclusion } from '@coalmine/node';
import { answering, both, failing, from, scan, slow, until } from '../behaviours.js';

const SECRET = 'a secret of the verdict suite, which is long enough';
const SIGNED = { traffic: { exclude: { signed: { keys: { monitor: SECRET } } } } };

/**
 * These scenarios are about the users of the whole service.
 *
 * @type {readonly import('../scenarios.js').Scenario[]}
 */
export const SERVICE = [
  {
    name: 'clean',
    right: 'promote',
    why: 'nothing is wrong, and a few errors are within the objective',
    canary: failing(0.002),
    stable: failing(0.002),
  },
  { name: 'zero errors', right: 'promote', why: 'error series at zero mean health, if there is traffic' },
  {
    name: 'very low traffic',
    right: 'pause',
    why: 'a dozen requests prove nothing',
    perSecond: 0.6,
    canary: failing(0.1),
  },
  { name: 'no traffic at all', right: 'pause', why: 'no requests prove nothing', perSecond: 0 },
  {
    name: 'cold start of a pod that joins',
    right: 'promote',
    why: 'a new pod of any release is slow for a moment',
    joins: 6,
    canary: until(1.5, slow(1)),
  },
  {
    name: 'probes that fail during start',
    right: 'promote',
    why: 'a pod that is not ready yet responds to its probes with a 503',
    canaryCoalmine: () => unreadyFor(4),
  },
  {
    name: 'a bot on a broken route',
    right: 'promote',
    why: 'no user gets these errors',
    coalmine: SIGNED,
    canary: answering({ status: 500 }, { route: '/monitored' }),
    others: [
      {
        perSecond: 8,
        visit: (_, port) => {
          const path = '/monitored';
          const marker = signExclusion({ keyId: 'monitor', secret: SECRET, path, host: `127.0.0.1:${port}` });
          return { path, headers: { ...marker, 'user-agent': 'monitor/1.0' } };
        },
      },
    ],
  },
  {
    name: 'impatient clients',
    right: 'promote',
    why: 'a client that leaves within the objective is no failure',
    canary: slow(1, 60),
    visit: (random) => () => ({ path: '/items/1', ...(random() < 0.3 ? { leaveAfter: 30 } : {}) }),
  },
  { name: 'a restart in the middle', right: 'promote', why: 'its node is drained', restarts: [9] },
  {
    name: 'stable is worse',
    right: 'promote',
    why: 'the canary contains the fix',
    stable: failing(0.2),
  },
  {
    name: 'an outage that both share',
    right: 'pause',
    why: 'a dependency of both is down: the canary is not at fault, and is not proven good',
    canary: from(5, failing(0.3)),
    stable: from(8, failing(0.3)),
  },
  {
    name: 'streams and sockets',
    right: 'promote',
    why: 'a stream that stays open is not slow',
    others: [
      { perSecond: 2, visit: () => ({ path: '/events', leaveAfter: 8000 }) },
      {
        perSecond: 2,
        visit: () => ({ path: '/items/1', headers: { connection: 'upgrade', upgrade: 'chat' }, leaveAfter: 8000 }),
      },
    ],
  },
  {
    name: 'just under the objective',
    right: 'promote',
    why: '0.5 % of errors where 1 % is allowed, 2.5 % slow where 5 % is allowed',
    canary: both(slow(0.025), failing(0.005)),
  },
  {
    name: '3 % errors',
    right: 'rollback',
    why: 'three times what is allowed',
    // Half as many requests would have 12 failures in a window, and proof needs at least 15.
    perSecond: 80,
    canary: failing(0.03),
  },
  {
    name: 'errors diluted by probes',
    right: 'rollback',
    why: '15 % of few users get errors, among many probes that succeed',
    // Half as many requests would have 17 failures in a release, and proof needs at least 20.
    perSecond: 8,
    probesPerSecond: 64,
    canary: failing(0.15),
  },
  {
    name: 'errors diluted by a scanner',
    right: 'rollback',
    why: '4 % of the users get errors, among four times as many requests of a scanner',
    perSecond: 60,
    canary: failing(0.04),
    others: [{ perSecond: 240, visit: scan }],
  },
  {
    name: 'a scanner and no users',
    right: 'pause',
    why: 'a scanner asks for paths that do not exist, and is no user',
    perSecond: 0,
    others: [{ perSecond: 20, visit: scan }],
  },
  {
    name: 'slowness diluted by probes',
    right: 'rollback',
    why: 'a third of few users wait, among many fast probes',
    perSecond: 5,
    probesPerSecond: 40,
    canary: slow(0.33),
  },
  {
    name: 'every request hangs',
    right: 'rollback',
    why: 'no client gets a response, and all give up',
    perSecond: 15,
    canary: answering({ hangs: true }),
  },
  {
    name: '4 % hang',
    right: 'rollback',
    why: 'four of a hundred users give up',
    canary: answering({ hangs: true }, { share: 0.04 }),
  },
  {
    name: 'bodies are cut',
    right: 'rollback',
    why: 'one body in ten ends in the middle, after a 200',
    canary: answering({ breaks: true }, { share: 0.1 }),
  },
  { name: 'errors from the first request', right: 'rollback', why: 'every request fails', canary: failing(1) },
  {
    name: 'a burst in the first second',
    right: 'rollback',
    why: 'a tenth of all users so far got errors, all in the first second',
    canary: until(1.2, answering({ status: 500 })),
  },
  { name: 'just over the objective', right: 'rollback', why: '4 % where 1 % is allowed', canary: failing(0.04) },
  {
    name: 'fails only after warm-up',
    right: 'rollback',
    why: 'all requests succeed at first, and later 10 % fail',
    canary: from(6, failing(0.1)),
  },
  {
    name: 'slow for ever',
    right: 'rollback',
    why: 'every request takes 0.2 s, after the warm-up as well',
    canary: slow(1, 200),
  },
  {
    name: 'slow for a tenth',
    right: 'rollback',
    why: '12 % are slower than the objective where 5 % are allowed',
    canary: slow(0.12),
  },
  {
    name: 'a crash loop',
    right: 'rollback',
    why: 'its process dies every three seconds, and all responses are good',
    restarts: [3, 6, 9, 12, 15, 18],
  },
  {
    name: 'an incompatible schema',
    right: 'rollback',
    why: 'the database can no longer serve this build, so the pod never becomes ready',
    canaryCoalmine: incompatible,
  },
  {
    name: 'forged exclusion',
    right: 'rollback',
    why: 'the users who get errors look like probes and monitors, and cannot prove it',
    coalmine: SIGNED,
    canary: failing(0.1),
    visit: (random) => () => ({
      path: '/items/1',
      headers: {
        'user-agent': 'kube-probe/1.31',
        'x-forwarded-for': '127.0.0.1',
        'x-coalmine-exclude': `v1;monitor;${Math.floor(Date.now() / 1000)};${random().toString(36).slice(2, 12)};${'0'.repeat(64)}`,
      },
    }),
  },
  {
    name: 'overload',
    right: 'rollback',
    why: 'a tenth of the requests get a 503',
    canary: failing(0.1, 503),
  },
];

/** Returns options with a schema whose floor is above the migrations that the build knows. */
function incompatible() {
  const source = { name: 'prisma', read: async () => ({ applied: ['20260201_a', '20260301_contract'] }) };
  return { health: { schema: { source, supports: { knows: ['20260201_a'], breaksOn: ['20260301_contract'] } } } };
}

/** Returns options for a pod that is unready for a while, as if it waited for its database. */
function unreadyFor(seconds) {
  const since = Date.now();
  return { health: { checks: { database: { periodSeconds: 1, run: () => Date.now() - since > 1000 * seconds } } } };
}
