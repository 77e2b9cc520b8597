import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { garbage, type Kinds, kind } from './strangers-deeds.js';

// What strangers do below HTTP to a server with TLS.

/** Deeds before anything is encrypted. None of them is a request. */
export const TLS_OPENINGS: Kinds = {
  'opens with garbage': kind(fc.record({ bytes: garbage(5, 40) }), (hand, { bytes }) => hand.send(bytes)),
  'opens with plain HTTP': kind(fc.record({ path: fc.constantFrom('/ok', '/big') }), (hand, { path }) =>
    hand.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
  ),
  'opens with half a hello': kind(fc.record({ share: fc.constantFrom(0.05, 0.3, 0.9) }), async (hand, { share }) => {
    const hello = await clientHello();
    await hand.send(hello.subarray(0, Math.ceil(share * hello.length)));
    await hand.withhold(0.2);
  }),
  'abandons a handshake': kind(fc.record({ how: fc.constantFrom('closes', 'resets') }), async (hand, { how }) => {
    await hand.send(await clientHello());
    await hand.leave(how);
  }),
};

/** Deeds in the middle of encrypted data. The connection breaks, with all its requests. */
export const TLS_BREAKS: Kinds = {
  'sends what is no record': kind(fc.record({ bytes: garbage(20, 60) }), (hand, { bytes }) =>
    hand.sendBelow(Buffer.from(bytes, 'latin1')),
  ),
  'sends half a record': kind(fc.record({ length: fc.integer({ min: 1, max: 9 }) }), async (hand, { length }) => {
    // A record of application data of TLS 1.2 and above, without its end.
    await hand.sendBelow(Buffer.from([0x17, 3, 3, 0, 100, 1, 2, 3, 4]).subarray(0, length));
    await hand.leave('cuts');
  }),
};

/** Returns the first message of a TLS client. */
function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        resolve(chunk);
        done();
      },
    });
    connect({ socket: wire, rejectUnauthorized: false }).on('error', () => {});
  });
}
