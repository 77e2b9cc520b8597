/** A placeholder that is filled in before a controller reads an address. */
const PLACEHOLDER = /\{\{.*?\}\}|\$\{.*?\}/g;

/** Whether a controller can query an address, as far as the address is filled in: a scheme and a host are needed. */
export function isAskable(address: string): boolean {
  if (/^(?:\{\{|\$\{)/.test(address)) return true;
  const filled = address.replace(PLACEHOLDER, '1');
  return /^https?:\/\/[^/?#\s]+(?:[/?#]|$)/i.test(filled) && URL.canParse(filled);
}

/**
 * Returns the address of a Prometheus without the path of a query, which a controller adds itself; `undefined` if the
 * address does not have this path.
 */
export function withoutQueryPath(address: string): string | undefined {
  return /^(.*)\/api\/v1(?:\/query(?:_range)?)?\/?$/.exec(address)?.[1];
}

/** Returns an address without spaces around it, with a scheme in front of it. */
export function withScheme(address: string, scheme: 'http' | 'https' = 'http'): string {
  const bare = address.trim();
  return /^https?:\/\//i.test(bare) ? bare : `${scheme}://${bare.replace(/^\/+/, '')}`;
}
