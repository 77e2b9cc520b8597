/** Whether a controller can ask a Prometheus at an address, as far as it is filled in: a scheme and a host are needed. */
export function isAskable(address: string): boolean {
  return /^https?:\/\/[^/?#\s]|^\{\{|^\$\{/i.test(address);
}
