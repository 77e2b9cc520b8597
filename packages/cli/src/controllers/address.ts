/** A placeholder that is filled in before a controller reads an address. */
const PLACEHOLDER = /\{\{.*?\}\}|\$\{.*?\}/g;

/** Whether a controller can query an address, as far as the address is filled in: a scheme and a host are needed. */
export function isAskable(address: string): boolean {
  if (/^(?:\{\{|\$\{)/.test(address)) return true;
  return /^https?:\/\/[^/?#\s]/i.test(address) && URL.canParse(address.replace(PLACEHOLDER, '1'));
}

/** Returns an address with a scheme in front of it. */
export function withScheme(address: string, scheme: 'http' | 'https' = 'http'): string {
  return `${scheme}://${address.replace(/^\/+/, '')}`;
}
