import { isDnsLabel, isLabelValue, isQualifiedName, isSubdomain } from '../controllers/names.js';
import { parseMatching, parsePairs } from './matching.js';

/** The most characters of a label's value, and of a name that is a label of a host name. */
export const MOST = 63;

const HOST = { test: (host: string): boolean => isSubdomain(host.replace(/^\*\./, '')) };
const GATEWAY = /^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\/)?[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/** Parses a name that any object may have. */
export function objectName(option: string, value: string | undefined): string {
  return parseMatching(
    option,
    value,
    { test: isDnsLabel },
    `a Kubernetes name: lower case, digits and dashes, up to ${MOST}`,
  );
}

/** Parses a name of an object of a kind that allows dots, such as a Secret or an IngressClass. */
export function subdomainName(option: string, value: string | undefined): string {
  return parseMatching(
    option,
    value,
    { test: isSubdomain },
    'a Kubernetes name: lower case, digits, dashes and dots, up to 253',
  );
}

/** Parses a host name, or a wildcard for all names below one. */
export function hostName(option: string, value: string | undefined): string {
  return parseMatching(option, value, HOST, 'a host name, which may begin with *.');
}

/** Parses a gateway, with its namespace if that is another one. */
export function gatewayName(option: string, value: string | undefined): string {
  return parseMatching(option, value, GATEWAY, 'the name of a gateway, or namespace/name');
}

/** Parses labels of an object. */
export function labelsOption(
  option: string,
  value: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return parsePairs(
    option,
    value,
    { pattern: { test: isQualifiedName }, accepted: 'Kubernetes labels, such as release or app.kubernetes.io/name' },
    {
      pattern: { test: isLabelValue },
      accepted: `the value of a Kubernetes label: letters, digits, dashes, dots and underscores, up to ${MOST}`,
    },
  );
}
