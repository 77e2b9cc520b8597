/** Returns the status of the head that a chunk begins with, or `undefined` if it begins with none. */
export function statusIn(chunk: unknown): number | undefined {
  const head =
    chunk instanceof Uint8Array
      ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1', 0, 16)
      : chunk;
  const status = typeof head === 'string' ? /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] : undefined;
  return status === undefined ? undefined : Number(status);
}
