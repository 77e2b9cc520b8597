import type { Release } from '../release/release.js';
import { podLabels } from '../release/workload.js';
import type { Manifest } from './manifest.js';

/**
 * Returns what the router of a canary release needs in addition to the Services `<name>-stable` and `<name>-canary`.
 */
export function routesOf(release: Release): readonly Manifest[] {
  const { router } = release;
  if (router === 'basic') return [];
  if (router === 'nginx') {
    return [
      {
        ...ingress(release, `${release.name}-stable`),
        why: { '': 'The controller creates a second Ingress for the canary.' },
      },
    ];
  }
  if (router === 'istio') return [virtualService(release)];
  if (router === 'traefik') return [traefikService(release), ingressRoute(release, release.name)];
  return [...(router === 'linkerd' ? [apexService(release)] : []), httpRoute(release)];
}

/** Returns an Ingress of nginx in front of a Service. */
export function ingress({ name, namespace, host, ingress }: Release, backend: string): Manifest {
  return {
    value: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, namespace },
      spec: {
        ingressClassName: ingress.class ?? 'nginx',
        ...(ingress.tlsSecret === undefined ? {} : { tls: [{ hosts: [host], secretName: ingress.tlsSecret }] }),
        rules: [
          {
            host,
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: backend, port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    },
  };
}

function virtualService(release: Release): Manifest {
  const { name, namespace, host } = release;
  return {
    value: {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name, namespace },
      spec: {
        hosts: [host, `${name}-stable`],
        gateways: ['mesh', ...istioGateways(release)],
        http: [
          {
            name: 'primary',
            route: [
              { destination: { host: `${name}-stable` }, weight: 100 },
              { destination: { host: `${name}-canary` }, weight: 0 },
            ],
          },
        ],
      },
    },
    why: {
      ...(release.ingress.gateways === undefined
        ? { 'spec.gateways': 'Name the gateway, in addition to the mesh, yourself.' }
        : {}),
      'spec.http.0.route': 'The controller sets the weights.',
    },
  };
}

function traefikService({ name, namespace }: Release): Manifest {
  return {
    value: {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'TraefikService',
      metadata: { name, namespace },
      spec: { weighted: { services: ['stable', 'canary'].map((role) => ({ name: `${name}-${role}`, port: 80 })) } },
    },
    why: { 'spec.weighted.services': 'The controller sets the weights.' },
  };
}

/** Returns the route with which Traefik uses a weighted service. */
export function ingressRoute({ name, namespace, host, ingress }: Release, weighted: string): Manifest {
  return {
    value: {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'IngressRoute',
      metadata: {
        name,
        namespace,
        ...(ingress.class === undefined ? {} : { annotations: { 'kubernetes.io/ingress.class': ingress.class } }),
      },
      spec: {
        entryPoints: ingress.entryPoints,
        routes: [{ match: hostRule(host), kind: 'Rule', services: [{ name: weighted, kind: 'TraefikService' }] }],
        ...(ingress.tlsSecret === undefined ? {} : { tls: { secretName: ingress.tlsSecret } }),
      },
    },
  };
}

/**
 * Returns the rule for a host. Traefik matches a host with a star only by an expression; one label replaces the star,
 * as in an Ingress.
 */
function hostRule(host: string): string {
  if (!host.startsWith('*.')) return `Host(\`${host}\`)`;
  return `HostRegexp(\`^[^.]+${host.slice(1).replaceAll('.', '\\.')}$\`)`;
}

/** Returns the gateways of Istio that users come through, as namespace/name. */
export function istioGateways({ ingress }: Release): readonly string[] {
  return ingress.gateways ?? ['istio-system/gateway'];
}

/** A gateway of the Gateway API, by default in the namespace of the route. */
interface Gateway {
  readonly name: string;
  readonly namespace?: string;
}

/** Returns the gateways of the Gateway API that users come through. */
export function gatewaysOf({ ingress }: Release): readonly Gateway[] {
  return (ingress.gateways ?? ['gateway']).map((gateway) => {
    const [name = '', namespace] = gateway.split('/').reverse();
    return { name, ...(namespace === undefined ? {} : { namespace }) };
  });
}

/** Returns the Service that clients of a mesh call; its route splits their requests. */
function apexService(release: Release): Manifest {
  const { namespace, service } = release;
  return {
    value: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, namespace },
      spec: { selector: podLabels(release), ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
  };
}

function httpRoute(release: Release): Manifest {
  const { name, namespace, router, service, host } = release;
  const isMesh = router === 'linkerd';
  const parents = isMesh
    ? [{ group: 'core', kind: 'Service', name: service, port: 80 }]
    : gatewaysOf(release).map((gateway) => ({ group: 'gateway.networking.k8s.io', kind: 'Gateway', ...gateway }));
  return {
    value: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name, namespace },
      spec: {
        parentRefs: parents,
        ...(isMesh ? {} : { hostnames: [host] }),
        rules: [
          {
            backendRefs: [
              { name: `${name}-stable`, port: 80, weight: 100 },
              { name: `${name}-canary`, port: 80, weight: 0 },
            ],
          },
        ],
      },
    },
    why: {
      ...(isMesh || release.ingress.gateways !== undefined ? {} : { 'spec.parentRefs': 'Name the gateway yourself.' }),
      'spec.rules': 'The controller sets the weights.',
    },
  };
}
