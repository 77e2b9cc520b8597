import type { Release } from '../release/release.js';
import type { Manifest } from './manifest.js';

/** What the router of a canary release needs beside the Services `<name>-stable` and `<name>-canary`. */
export function routesOf(release: Release): readonly Manifest[] {
  const { router } = release;
  if (router === 'basic') return [];
  if (router === 'nginx') {
    return [
      {
        ...ingress(release, `${release.name}-stable`),
        why: { '': 'The controller makes the canary ingress beside it.' },
      },
    ];
  }
  if (router === 'istio') return [virtualService(release)];
  if (router === 'traefik') return [traefikService(release), ingressRoute(release, release.name)];
  return [...(router === 'linkerd' ? [apexService(release)] : []), httpRoute(release)];
}

/** An Ingress of nginx in front of a Service. */
export function ingress({ name, namespace, host }: Release, backend: string): Manifest {
  return {
    value: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, namespace },
      spec: {
        ingressClassName: 'nginx',
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

function virtualService({ name, namespace, host }: Release): Manifest {
  return {
    value: {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name, namespace },
      spec: {
        hosts: [host, `${name}-stable`],
        gateways: ['mesh', 'istio-system/gateway'],
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
      'spec.gateways': 'The gateway beside the mesh is yours to name.',
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

/** What has Traefik ask a weighted service. */
export function ingressRoute({ name, namespace, host }: Release, weighted: string): Manifest {
  return {
    value: {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'IngressRoute',
      metadata: { name, namespace },
      spec: {
        entryPoints: ['web'],
        routes: [{ match: `Host(\`${host}\`)`, kind: 'Rule', services: [{ name: weighted, kind: 'TraefikService' }] }],
      },
    },
  };
}

/** The name that a mesh's own clients call; its route splits what they send. */
function apexService({ name, namespace, service }: Release): Manifest {
  return {
    value: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, namespace },
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
  };
}

function httpRoute({ name, namespace, router, service, host }: Release): Manifest {
  const isMesh = router === 'linkerd';
  const parent = isMesh
    ? { group: 'core', kind: 'Service', name: service, port: 80 }
    : { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gateway' };
  return {
    value: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name, namespace },
      spec: {
        parentRefs: [parent],
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
      ...(isMesh ? {} : { 'spec.parentRefs': 'The gateway is yours to name.' }),
      'spec.rules': 'The controller sets the weights.',
    },
  };
}
