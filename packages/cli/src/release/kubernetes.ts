import { isDnsLabel, isLabelValue, isQualifiedName, isSubdomain } from '../controllers/names.js';
import { matching, pairsMatching } from './matching.js';

/** Most characters of a label's value, and of a name that is a label of a host name. */
export const MOST = 63;

const HOST = { test: (host: string): boolean => isSubdomain(host.replace(/^\*\./, '')) };
const GATEWAY = /^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\/)?[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/** A name that any object may have. */
export function objectName(option: string, value: string | undefined): string {
  return matching(
    option,
    value,
    { test: isDnsLabel },
    `a Kubernetes name: lower case, digits and dashes, up to ${MOST}`,
  );
}

/** A name of an object of a kind that allows dots, as a Secret or an IngressClass does. */
export function subdomainName(option: string, value: string | undefined): string {
  return matching(
    option,
    value,
    { test: isSubdomain },
    'a Kubernetes name: lower case, digits, dashes and dots, up to 253',
  );
}

/** A host name, or all names below one. */
export function hostName(option: string, value: string | undefined): string {
  return matching(option, value, HOST, 'a host name, which may begin with *.');
}

/** A gateway, with its namespace where that is another one. */
export function gatewayName(option: string, value: string | undefined): string {
  return matching(option, value, GATEWAY, 'the name of a gateway, or namespace/name');
}

/** Labels of an object. */
export function labelsOption(
  option: string,
  value: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return pairsMatching(
    option,
    value,
    { pattern: { test: isQualifiedName }, accepted: 'Kubernetes labels, such as release or app.kubernetes.io/name' },
    {
      pattern: { test: isLabelValue },
      accepted: `the value of a Kubernetes label: letters, digits, dashes, dots and underscores, up to ${MOST}`,
    },
  );
}
