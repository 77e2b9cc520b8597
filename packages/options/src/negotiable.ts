// Prometheus sends about 400 characters, browsers less; what a longer header costs to parse, a stranger chooses.
const LENGTH_AT_MOST = 1_000;

/** Returns an `Accept` or `Accept-Encoding` header that is worth parsing; a longer one is as good as absent. */
export function negotiable(header: string | undefined): string | undefined {
  return header === undefined || header.length > LENGTH_AT_MOST ? undefined : header;
}
