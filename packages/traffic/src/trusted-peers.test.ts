import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import * as ranges from './address-range.js';
import { agents } from './agents.js';
import { inject } from './fixtures/injected.js';
import { createTraffic } from './traffic.js';
import type { TrustedOptions } from './trusted-options.js';

vi.mock('./address-range.js', { spy: true });

const BY_PEER = { reason: 'trusted', authority: 'peer' };
const BY_PROXY = { reason: 'trusted', authority: 'forwarded' };
const create = (trusted: TrustedOptions) => createTraffic({ exclude: { trusted } });
const monitors = create({ cidrs: ['192.0.2.0/24', '2001:db8:1::/48'], proxies: ['198.51.100.0/24', '2001:db8:9::1'] });
const from = (peer: string, forwarded?: string) =>
  inject({ peer, ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) });

describe('a trusted address', () => {
  it.each(['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207', '2001:db8:1::5', '2001:db8:1::5%eth0'])(
    'excludes as the peer of the socket: %s',
    (peer) => {
      expect(monitors.classify(from(peer))).toEqual(BY_PEER);
    },
  );

  it.each(['192.0.3.7', '::ffff:192.0.3.7', '2001:db8:2::5', '127.0.0.1', '::1', '', 'unknown'])(
    'does not exclude %j',
    (peer) => {
      expect(monitors.classify(from(peer))).toBeUndefined();
    },
  );

  it('excludes nobody by a header that no proxy of yours wrote', () => {
    expect(monitors.classify(from('203.0.113.1', '192.0.2.7'))).toBeUndefined();
    expect(create({ cidrs: ['192.0.2.0/24'] }).classify(from('198.51.100.1', '192.0.2.7'))).toBeUndefined();
  });

  it('is looked up once for a connection', () => {
    const traffic = create({ cidrs: ['192.0.2.0/24'] });
    const { socket } = from('192.0.2.7');
    const request = () => Object.assign(inject(), { socket });
    traffic.classify(request());
    vi.mocked(ranges.contains).mockClear();
    expect(traffic.classify(request())).toEqual(BY_PEER);
    expect(ranges.contains).not.toHaveBeenCalled();
  });
});

describe('behind a proxy', () => {
  it.each<[string, string | undefined, object | undefined]>([
    ['the nearest address that is no proxy counts', '192.0.2.7', BY_PROXY],
    ['the entries before the nearest address are ignored', '203.0.113.9, garbage, 192.0.2.7', BY_PROXY],
    ['a trusted address before the nearest one is ignored', '192.0.2.7, 203.0.113.9', undefined],
    ['further proxies are skipped', '192.0.2.7, 198.51.100.2, 2001:DB8:9::1', BY_PROXY],
    ['ports, zones, brackets and blanks are ignored', '192.0.2.7:80,\t[2001:db8:9::1%eth0]:443 ', BY_PROXY],
    ['without a header, the proxy itself counts', undefined, undefined],
    ['if all entries are proxies, one of them counts', '198.51.100.2, 198.51.100.3', undefined],
    ['an empty header excludes nobody', '', undefined],
    ['an empty entry excludes nobody', '192.0.2.7,', undefined],
    ['an empty entry before a proxy excludes nobody', '192.0.2.7, , 198.51.100.2', undefined],
    ['an unknown entry excludes nobody', '192.0.2.7, unknown', undefined],
    ['a hidden entry excludes nobody', '192.0.2.7, _hidden, 198.51.100.2', undefined],
    ['octets that some read as octal exclude nobody', '192.0.2.07', undefined],
    ['an integer excludes nobody', '3221225991', undefined],
    ['an address behind 32 proxies counts', `192.0.2.7${', 198.51.100.2'.repeat(31)}`, BY_PROXY],
    ['an address behind 33 proxies does not count', `192.0.2.7${', 198.51.100.2'.repeat(32)}`, undefined],
  ])('%s', (_name, header, exclusion) => {
    expect(monitors.classify(from('198.51.100.1', header))).toEqual(exclusion);
  });

  it('the proxy itself may be trusted when nobody is behind it', () => {
    const traffic = create({ cidrs: ['198.51.100.1'], proxies: ['198.51.100.1', '198.51.100.2'] });
    expect(traffic.classify(from('198.51.100.1'))).toEqual(BY_PEER);
    expect(traffic.classify(from('198.51.100.2', '198.51.100.1'))).toEqual(BY_PROXY);
    expect(traffic.classify(from('198.51.100.1', '203.0.113.9'))).toBeUndefined();
  });

  it('only the entries up to the first that is no proxy matter', () => {
    const part = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom('192.0.2.7', '198.51.100.2', 'unknown', '', ' '),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 40 }), (parts) => {
        const entries = parts
          .join(',')
          .split(',')
          .map((entry) => entry.replace(/^[ \t]+|[ \t]+$/g, ''));
        const isProxy = (entry: string) => /^198\.51\.100\.\d+$/.test(entry);
        const client = entries.findLast((entry) => !isProxy(entry)) ?? entries[0] ?? '';
        const expected = /^192\.0\.2\.\d+$/.test(client) && entries.length - entries.lastIndexOf(client) <= 32;
        // IPv6 is left to the table above: a random address is in neither range.
        return (monitors.classify(from('198.51.100.1', parts.join(','))) !== undefined) === expected;
      }),
    );
  });
});

describe('an agent', () => {
  const traffic = create({ cidrs: ['192.0.2.0/24'], userAgents: [agents.kubelet.userAgent, 'Prometheus/'] });
  it.each<[string, boolean]>([
    ['kube-probe/1.33', true],
    ['Prometheus/3.5.0', true],
    ['prometheus/3.5.0', false],
    ['Mozilla/5.0 Prometheus/3.5.0', false],
    ['', false],
  ])('is a second condition: %j', (agent, isExcluded) => {
    expect(traffic.classify(inject({ peer: '192.0.2.7', 'user-agent': agent }))).toEqual(
      isExcluded ? BY_PEER : undefined,
    );
    expect(traffic.classify(inject({ peer: '203.0.113.9', 'user-agent': agent }))).toBeUndefined();
  });
});

describe('on a real connection', () => {
  const local = create({ cidrs: ['127.0.0.1'] });
  const listen = (server: http.Server | http2.Http2Server) =>
    new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });

  it('of node:http, the address is that of the socket', async () => {
    const server = http.createServer((request, response) => response.end(JSON.stringify(local.classify(request))));
    const port = await listen(server);
    const answer = await fetch(`http://127.0.0.1:${port}/`).then((response) => response.json());
    server.close();
    expect(answer).toEqual(BY_PEER);
  });

  it('of node:http2, the address is that of the session, and is looked up once', async () => {
    const server = http2.createServer((request, response) => response.end(JSON.stringify(local.classify(request))));
    const client = http2.connect(`http://127.0.0.1:${await listen(server)}`);
    vi.mocked(ranges.contains).mockClear();
    const ask = async () => {
      let body = '';
      for await (const chunk of client.request({ ':path': '/' }).setEncoding('utf8')) body += chunk;
      return JSON.parse(body);
    };
    expect([await ask(), await ask()]).toEqual([BY_PEER, BY_PEER]);
    expect(ranges.contains).toHaveBeenCalledTimes(1);
    client.close();
    server.close();
  });
});
