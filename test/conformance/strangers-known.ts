import { Exposition } from '../support/exposition.js';
import { alone, type Stranger } from './strangers.js';
import type { Leaving } from './strangers-hand.js';
import { CODES } from './strangers-http2.js';
import type { Good, Protocol, Target } from './strangers-services.js';

// Strangers whose counts follow from what they do alone, whatever a server sees of it.

/** The counts by method, route and status. */
type Counts = Readonly<Record<string, number>>;

interface Known {
  readonly stranger: Stranger;
  readonly counts: Counts;
}

/** Routes that read a body before they respond. */
const READERS = ['/json', '/form', '/upload'] as const;
const LEAVINGS: readonly Leaving[] = ['closes', 'resets', 'cuts'];

const HTTP1: readonly Known[] = [
  ...READERS.flatMap((path) =>
    (['length', 'chunks'] as const).flatMap((framing) => [
      known(
        'HTTP/1.1',
        'withholds a body',
        { path, framing, share: 0.5, next: 'leaves it' },
        { [`POST ${path} 499`]: 1 },
      ),
      ...LEAVINGS.map((how) =>
        known(
          'HTTP/1.1',
          'leaves in the middle of its own body',
          { path, framing, share: 0.5, how },
          { [`POST ${path} 499`]: 1 },
        ),
      ),
    ]),
  ),
  ...READERS.map((path) =>
    known(
      'HTTP/1.1',
      'breaks a chunked body',
      { path, after: '4\r\ngood\r\n', chunk: 'no chunk\r\n' },
      { [`POST ${path} 400`]: 1 },
    ),
  ),
  known(
    'HTTP/1.1',
    'pipelines behind an unread answer',
    { first: '/big', count: 40, path: '/after' },
    {
      'GET /big 200': 1,
      'GET /ok 200': 40,
      'GET /after 200': 1,
    },
  ),
  known('HTTP/1.1', 'stops reading', { path: '/big', next: 'leaves it' }, { 'GET /big 200': 1 }),
  known('HTTP/1.1', 'sends garbage while an answer goes out', { path: '/parts' }, { 'GET /parts 200': 1 }),
  known('HTTP/1.1', 'never ends a head', { path: '/ok' }, {}),
];

const HTTP2: readonly Known[] = [
  ...CODES.flatMap((code) => [
    known('HTTP/2', 'resets before any answer', { path: '/upload', code }, { 'POST /upload 499': 1 }),
    known('HTTP/2', 'resets in the middle of an answer', { path: '/big', code }, { 'GET /big 200': 1 }),
    known(
      'HTTP/2',
      'has no window',
      { paths: ['/ok', '/big', '/after'], next: 'resets', code },
      {
        'GET /ok 200': 1,
        'GET /big 200': 1,
        'GET /after 200': 1,
      },
    ),
  ]),
  ...READERS.flatMap((path) => [
    known(
      'HTTP/2',
      'withholds a body',
      { path, part: 'part', next: 'leaves it', code: 0 },
      { [`POST ${path} 499`]: 1 },
    ),
    known('HTTP/2', 'sends more than announced', { path }, { [`POST ${path} 499`]: 1 }),
  ]),
];

/** Returns the strangers whose counts are known for a target. */
export function knownOf({ protocols, isLimited }: Target): readonly Known[] {
  const all = [...HTTP1, ...HTTP2].filter(({ stranger }) => protocols.includes(stranger.protocol));
  // If Node limits the time of a request, a client that withholds its body may get a 408.
  return isLimited ? all.filter(({ stranger }) => stranger.deeds[0]?.kind !== 'withholds a body') : all;
}

/** Returns the counts that differ from the known counts, a sentence for each route and status. */
export function judgeKnown(known: readonly Known[]): (service: Good) => Promise<readonly string[]> {
  const expected = new Map<string, number>();
  for (const { counts } of known) {
    for (const [key, count] of Object.entries(counts)) expected.set(key, (expected.get(key) ?? 0) + count);
  }
  return async ({ registry }) => {
    const counted = new Exposition(await registry.metrics()).requests();
    return [...new Set([...expected.keys(), ...Object.keys(counted)])]
      .filter((key) => (expected.get(key) ?? 0) !== (counted[key] ?? 0))
      .map((key) => `${key}: counted ${counted[key] ?? 0} times, must be ${expected.get(key) ?? 0}`);
  };
}

function known(protocol: Protocol, kind: string, parameters: object, counts: Counts): Known {
  return { stranger: alone(protocol, 'opens', { kind, with: parameters }), counts };
}
