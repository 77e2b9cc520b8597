const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SERVICE = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const WORD = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** Whether a text is a DNS label (RFC 1123), the form of names of containers and namespaces. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/** Whether a text is a DNS subdomain (RFC 1123), the form of most names of objects. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}

/** Whether a text is a DNS label that begins with a letter (RFC 1035), the form of names of Services. */
export function isServiceName(text: string): boolean {
  return text.length <= 63 && SERVICE.test(text);
}

/** Whether a text is a valid value of a label. */
export function isLabelValue(text: string): boolean {
  return text.length <= 63 && (text === '' || WORD.test(text));
}

/** Whether a text is a valid key of labels or annotations: a word, after an optional `subdomain/`. */
export function isQualifiedName(text: string): boolean {
  const [name = '', prefix, ...more] = text.split('/').reverse();
  return more.length === 0 && name.length <= 63 && WORD.test(name) && (prefix === undefined || isSubdomain(prefix));
}

/** Whether a text may name a port of a container; a number in quotes may, too. */
export function isPortName(text: string): boolean {
  if (/^\d+$/.test(text)) return isPort(Number(text));
  return text.length <= 15 && /[a-z]/.test(text) && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text);
}

/** Whether a number is in the range of ports. */
export function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
