import fc from 'fast-check';
import { type Deed, deedOf, deedsOf, type Kinds } from './strangers-deeds.js';
import { type Hand, type Leaving, type Reading, reachOut } from './strangers-hand.js';
import { HTTP1 } from './strangers-http1.js';
import { HTTP2, HTTP2_OPENING, HTTP2_OPENINGS } from './strangers-http2.js';
import type { Good, Protocol, Target, Times } from './strangers-services.js';
import { TLS_BREAKS, TLS_OPENINGS } from './strangers-tls.js';

/** A stranger: one connection, as plain data. */
export interface Stranger {
  readonly protocol: Protocol;
  /** Whether the connection reaches its first request. If not, it has one deed, which is an opening. */
  readonly entrance: 'opens' | 'fails to open' | 'fails to open TLS';
  readonly reading: Reading;
  /** The deeds of the stranger, in their order. */
  readonly deeds: readonly Deed[];
  /** Whether the stranger waits for the responses before leaving. */
  readonly isPatient: boolean;
  readonly leaving: Leaving;
}

const ENTRANCES: Readonly<Record<Exclude<Stranger['entrance'], 'opens'>, Kinds>> = {
  'fails to open': HTTP2_OPENINGS,
  'fails to open TLS': TLS_OPENINGS,
};

/** Returns the strangers of a seed for a target. The same seed has the same strangers. */
export function strangersOf(target: Target, seed: number, count: number): readonly Stranger[] {
  const perProtocol = target.protocols.map((protocol) => {
    const opened: fc.Arbitrary<Stranger> = fc.record({
      protocol: fc.constant(protocol),
      entrance: fc.constant('opens' as const),
      reading: fc.constantFrom<Reading>('at once', 'at once', 'slowly', 'never'),
      deeds: fc.array(deedsOf(kindsOf(protocol, target)), { minLength: 1, maxLength: 5 }),
      isPatient: fc.boolean(),
      leaving: fc.constantFrom<Leaving>('closes', 'half-closes', 'resets', 'cuts'),
    });
    const unopened = entrancesOf(protocol, target).map((entrance) =>
      deedsOf(ENTRANCES[entrance]).map((deed) => alone(protocol, entrance, deed)),
    );
    return fc.oneof({ weight: 8, arbitrary: opened }, ...unopened.map((arbitrary) => ({ weight: 1, arbitrary })));
  });
  return perProtocol.flatMap((arbitrary, i) =>
    fc.sample(arbitrary, { seed: seed + i, numRuns: Math.ceil(count / perProtocol.length) }),
  );
}

/** Returns two strangers for each kind of deed that is possible with a target. They do nothing else. */
export function everyKindOf(target: Target, seed: number): readonly Stranger[] {
  const each = (protocol: Protocol, entrance: Stranger['entrance'], kinds: Kinds): Stranger[] =>
    Object.entries(kinds).flatMap(([name, kind]) =>
      fc.sample(deedOf(name, kind), { seed, numRuns: 2 }).map((deed) => alone(protocol, entrance, deed)),
    );
  return target.protocols.flatMap((protocol) => [
    ...each(protocol, 'opens', kindsOf(protocol, target)),
    ...entrancesOf(protocol, target).flatMap((entrance) => each(protocol, entrance, ENTRANCES[entrance])),
  ]);
}

/** Returns versions of a stranger with something left out, the simplest first. */
export function simplified(stranger: Stranger): readonly Stranger[] {
  const { deeds } = stranger;
  const without =
    deeds.length < 2 ? [] : deeds.map((_, i) => ({ ...stranger, deeds: deeds.filter((_, j) => j !== i) }));
  const calmer = [{ reading: 'at once' }, { leaving: 'closes' }, { isPatient: true }] as const;
  const changed = calmer.map((part): Stranger => ({ ...stranger, ...part }));
  return [...without, ...changed.filter((each) => JSON.stringify(each) !== JSON.stringify(stranger))];
}

/** Plays a stranger to a service until the connection is gone. */
export async function play(stranger: Stranger, target: Target, service: Good, times: Times): Promise<void> {
  const { protocol, entrance, reading, deeds, isPatient, leaving } = stranger;
  const isEncrypted = target.isEncrypted && entrance !== 'fails to open TLS';
  const kinds = entrance === 'opens' ? kindsOf(protocol, target) : ENTRANCES[entrance];
  const hand: Hand = await reachOut(service, times, protocol, isEncrypted);
  if (entrance === 'opens' && protocol === 'HTTP/2') await hand.send(HTTP2_OPENING);
  hand.read(reading);
  for (const { kind, with: parameters } of deeds) {
    if (!hand.isOpen) break;
    await kinds[kind]?.perform(hand, parameters as never);
  }
  if (isPatient) await hand.settled();
  await hand.leave(leaving);
}

function kindsOf(protocol: Protocol, { isEncrypted }: Target): Kinds {
  return { ...(protocol === 'HTTP/2' ? HTTP2 : HTTP1), ...(isEncrypted ? TLS_BREAKS : {}) };
}

function entrancesOf(protocol: Protocol, { isEncrypted }: Target): readonly (keyof typeof ENTRANCES)[] {
  if (isEncrypted) return ['fails to open TLS'];
  return protocol === 'HTTP/2' ? ['fails to open'] : [];
}

/** Returns a stranger who does one deed, waits for the result, and closes. */
export function alone(protocol: Protocol, entrance: Stranger['entrance'], deed: Deed): Stranger {
  return { protocol, entrance, reading: 'at once', deeds: [deed], isPatient: true, leaving: 'closes' };
}
