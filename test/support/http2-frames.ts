// Frames of HTTP/2 (RFC 9113) as bytes, so that a test can send what no client library would.

/** The preface that every client sends first. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export const FRAME_TYPES = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAGS = { none: 0, ack: 1, endStream: 1, endHeaders: 4, padded: 8 } as const;

/** The largest window that flow control allows. */
export const LARGEST_WINDOW = 0x7fffffff;

// The default size of a window.
const INITIAL_WINDOW = 65_535;
const SETTING_INITIAL_WINDOW = 4;

/** Returns a frame of any type, flags, stream and payload, even if they do not fit together. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Returns SETTINGS that give each stream a window of this many bytes. */
export function windowSettings(size: number): Buffer {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(SETTING_INITIAL_WINDOW, 0);
  payload.writeUInt32BE(size, 2);
  return frame(FRAME_TYPES.settings, FLAGS.none, 0, payload);
}

/** Returns a WINDOW_UPDATE; stream 0 is the connection. */
export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(FRAME_TYPES.windowUpdate, FLAGS.none, stream, uint32(increment));
}

/** Returns the first bytes of a client that wants to read every response without flow control. */
export function openingOfReader(): Buffer {
  return Buffer.concat([PREFACE, windowSettings(LARGEST_WINDOW), windowUpdate(0, LARGEST_WINDOW - INITIAL_WINDOW)]);
}

/** Returns the HEADERS of a request, by default one without a body. */
export function headers(stream: number, fields: HeaderList, flags: number = FLAGS.endStream): Buffer {
  return frame(FRAME_TYPES.headers, flags | FLAGS.endHeaders, stream, headerBlock(fields));
}

/** Returns a part of a body. */
export function data(stream: number, payload: string | Uint8Array, flags: number = FLAGS.none): Buffer {
  return frame(FRAME_TYPES.data, flags, stream, Buffer.from(payload));
}

/** Returns a RST_STREAM with any code. */
export function reset(stream: number, code: number): Buffer {
  return frame(FRAME_TYPES.reset, FLAGS.none, stream, uint32(code));
}

/** Returns a GOAWAY with any code. */
export function goAway(lastStream: number, code: number): Buffer {
  return frame(FRAME_TYPES.goAway, FLAGS.none, 0, Buffer.concat([uint32(lastStream), uint32(code)]));
}

/** Names and values, in their order on the wire. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Returns a header block (RFC 7541) of literals that no table has, none of them longer than 126 bytes. */
export function headerBlock(fields: HeaderList): Buffer {
  return Buffer.concat(fields.map(([name, value]) => Buffer.from(`\0${text(name)}${text(value)}`, 'latin1')));
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): string {
  return String.fromCharCode(value.length) + value;
}
