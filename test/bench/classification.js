import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import { agents, createTraffic } from '@coalmine/traffic';
import { compare } from './rounds.js';

const CONNECTIONS = 20;
const REQUESTS = 200;

const ALL_RULES = {
  exclude: {
    routes: ['/healthz', '/jobs/:name'],
    signed: { keys: { old: 'an old secret of thirty-two characters', new: 'a new secret of thirty-two characters' } },
    trusted: {
      cidrs: Array.from({ length: 10 }, (_, i) => `192.0.${i}.0/24`),
      proxies: ['198.51.100.0/24'],
      userAgents: [agents.kubelet.userAgent, agents.elb.userAgent],
    },
    when: () => false,
  },
  maxExcludedShare: 0.2,
};

const HEADERS = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
  accept: 'application/json',
  'accept-language': 'en',
  'accept-encoding': 'gzip, br',
  cookie: 'session=0123456789abcdef',
  'x-request-id': '6b1c2f0e-9a44-4f2b-8d57-3a7c1e5f9b20',
  'x-forwarded-for': '203.0.113.9',
};

/** Returns the nanoseconds and bytes to classify a request of a user, without rules and with all rules. */
export async function classification() {
  const contenders = [
    { name: 'no rules', traffic: createTraffic() },
    { name: 'all rules', traffic: createTraffic(ALL_RULES) },
  ];
  const { requests, close } = await realRequests();
  const costs = compare(
    contenders.map(({ traffic }) => (count) => {
      for (let i = 0; i < count; i++) traffic.classify(requests[i % REQUESTS]);
    }),
  );
  close();
  return contenders.map(({ name }, i) => ({
    '': name,
    'ns per exchange': costs[i].nanoseconds.toFixed(0),
    'bytes per exchange': costs[i].bytes.toFixed(0),
  }));
}

/** Returns requests that Node has created, on kept connections. */
async function realRequests() {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const { port } = server.address();
  await Promise.all(Array.from({ length: REQUESTS }, () => ask(port, agent)));
  const close = () => {
    agent.destroy();
    server.close();
  };
  return { requests, close };
}

async function ask(port, agent) {
  const [response] = await once(
    get({ host: '127.0.0.1', port, agent, path: '/items/7', headers: HEADERS }),
    'response',
  );
  response.resume();
  await once(response, 'end');
}
