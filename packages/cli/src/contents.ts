import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { AnalysisError } from './analysis-error.js';

/** The text of a source, and the places where its bytes are not text. */
export interface Contents {
  readonly text: string;
  /** The lines with a byte that is not UTF-8; the text has U+FFFD in its place. */
  readonly notUtf8: readonly BadByte[];
}

/** A byte that is not UTF-8. */
export interface BadByte {
  /** From 1. */
  readonly line: number;
  /** Such as `0xe9`. */
  readonly byte: string;
}

// A cluster with thousands of objects has a tenth of that. A parser takes most of a minute for this size.
const MOST_MEGABYTES = 64;
const LINE_FEED = 0x0a;

/** Reads a file, or stdin (`-`). Rejects with `AnalysisError`. */
export async function readContents(source: string): Promise<Contents> {
  const stream: AsyncIterable<Uint8Array> = source === '-' ? process.stdin : createReadStream(source);
  const name = source === '-' ? 'stdin' : source;
  try {
    return decode(await bytesOf(stream, name));
  } catch (error) {
    if (error instanceof AnalysisError) throw error;
    throw new AnalysisError(`${name} cannot be read: ${(error as Error).message}`);
  }
}

/** Returns the text of a file. Rejects with `AnalysisError`, also for a file that is not UTF-8. */
export async function contentsOf(file: string): Promise<string> {
  const { text, notUtf8 } = await readContents(file);
  const [bad] = notUtf8;
  if (bad !== undefined) throw new AnalysisError(`${file} is not UTF-8: line ${bad.line} has the byte ${bad.byte}`);
  return text;
}

/** Returns all bytes of a stream. Rejects with `AnalysisError` if there are too many. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>, name: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MOST_MEGABYTES * 1024 * 1024) {
      throw new AnalysisError(`${name} is larger than ${MOST_MEGABYTES} MB, the limit for one source`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Decodes bytes: UTF-8, or UTF-16 with a byte order mark, which Windows writes and YAML allows. */
export function decode(bytes: Buffer): Contents {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return { text: bytes.toString('utf16le').slice(1), notUtf8: [] };
  if (first === 0xfe && second === 0xff) {
    const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
    return { text: Buffer.from(even).swap16().toString('utf16le').slice(1), notUtf8: [] };
  }
  return { text: bytes.toString('utf8'), notUtf8: isUtf8(bytes) ? [] : badBytesIn(bytes) };
}

function badBytesIn(bytes: Buffer): readonly BadByte[] {
  const bad: BadByte[] = [];
  let start = 0;
  for (let line = 1; start < bytes.length; line += 1) {
    const end = bytes.indexOf(LINE_FEED, start);
    const slice = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (!isUtf8(slice)) bad.push({ line, byte: `0x${badByteOf(slice).toString(16)}` });
    start += slice.length + 1;
  }
  return bad;
}

function badByteOf(line: Buffer): number {
  const [before = ''] = line.toString('utf8').split('\ufffd', 1);
  return line[Buffer.byteLength(before)] ?? 0;
}
