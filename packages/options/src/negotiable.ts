// Prometheus sends about 400 characters, browsers send fewer. A stranger chooses how much a longer header costs to
// parse.
const LENGTH_AT_MOST = 1_000;

/** Returns an `Accept` or `Accept-Encoding` header that is worth parsing, or `undefined` if the header is longer. */
export function negotiable(header: string | undefined): string | undefined {
  return header === undefined || header.length > LENGTH_AT_MOST ? undefined : header;
}
