import { InvalidOption, keysOf, listOption, objectOption } from '@coalmine/options';
import { gatewayName, subdomainName } from './kubernetes.js';
import { matching } from './matching.js';

/** What splits the traffic between canary and stable; `basic` is the number of pods alone. */
export type Router = 'basic' | 'nginx' | 'istio' | 'linkerd' | 'traefik' | 'gateway';
export const ROUTERS: readonly Router[] = ['basic', 'nginx', 'istio', 'linkerd', 'traefik', 'gateway'];

/** How users come to the router. Which of the options a router has, a table says. */
export interface IngressOptions {
  /** nginx: the IngressClass; traefik: the class of its routes. @defaultValue `'nginx'` for nginx */
  readonly class?: string;
  /** nginx, traefik: the Secret with the certificate of the host. @defaultValue none: no TLS */
  readonly tlsSecret?: string;
  /**
   * istio: beside the mesh; gateway: the parents of the route. Each a name, or namespace/name.
   * @defaultValue `['istio-system/gateway']`, or `['gateway']`
   */
  readonly gateways?: readonly string[];
  /** traefik: its entry points. @defaultValue `['web']`, or `['websecure']` with a certificate */
  readonly entryPoints?: readonly string[];
}

/** Parsed {@link IngressOptions}. */
export interface Ingress {
  readonly class: string | undefined;
  readonly tlsSecret: string | undefined;
  /** `undefined` where none was named. */
  readonly gateways: readonly string[] | undefined;
  readonly entryPoints: readonly string[];
}

const OF_ROUTERS: Readonly<Record<keyof IngressOptions, readonly Router[]>> = {
  class: ['nginx', 'traefik'],
  tlsSecret: ['nginx', 'traefik'],
  gateways: ['istio', 'gateway'],
  entryPoints: ['traefik'],
};

export function parseIngress(options: IngressOptions | undefined, router: Router): Ingress {
  const given = objectOption('ingress', options, keysOf(OF_ROUTERS));
  for (const [option, routers] of Object.entries(OF_ROUTERS)) {
    const value = given[option as keyof IngressOptions];
    if (value === undefined || routers.includes(router)) continue;
    const instead =
      option === 'tlsSecret' && (router === 'istio' || router === 'gateway') ? '; the Gateway has the certificate' : '';
    throw new InvalidOption(
      `ingress.${option}`,
      `left out with the router ${router}: it is for ${routers.join(' and ')}${instead}`,
      value,
    );
  }
  const { tlsSecret, gateways, entryPoints } = given;
  return {
    class: given.class === undefined ? undefined : subdomainName('ingress.class', given.class),
    tlsSecret: tlsSecret === undefined ? undefined : subdomainName('ingress.tlsSecret', tlsSecret),
    gateways: named('ingress.gateways', gateways, gatewayName),
    entryPoints: named('ingress.entryPoints', entryPoints, entryPoint) ?? [
      tlsSecret === undefined ? 'web' : 'websecure',
    ],
  };
}

function named(
  option: string,
  given: readonly string[] | undefined,
  parse: (option: string, value: string) => string,
): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const names = listOption(option, given, 'a text', (each) => typeof each === 'string');
  if (names.length === 0) throw new InvalidOption(option, 'a list of one name at least', given);
  return names.map((name, i) => parse(`${option}[${i}]`, name));
}

function entryPoint(option: string, value: string): string {
  return matching(option, value, /^[\w-]+$/, 'the name of an entry point');
}
