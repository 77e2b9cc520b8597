import { describe, expect, it } from 'vitest';
import { type IngressOptions, parseIngress, type Router } from './ingress.js';

const NONE = { class: undefined, tlsSecret: undefined, gateways: undefined, entryPoints: ['web'] };

describe('how users reach a router', () => {
  it.each<[router: Router, options: IngressOptions | undefined, ingress: object]>([
    ['basic', undefined, NONE],
    ['nginx', { class: 'internal.nginx' }, { ...NONE, class: 'internal.nginx' }],
    ['traefik', { entryPoints: ['a', 'b-1'] }, { ...NONE, entryPoints: ['a', 'b-1'] }],
    ['traefik', { tlsSecret: 'shop-tls' }, { ...NONE, tlsSecret: 'shop-tls', entryPoints: ['websecure'] }],
    ['istio', { gateways: ['public', 'mesh/private'] }, { ...NONE, gateways: ['public', 'mesh/private'] }],
    ['gateway', { gateways: ['public'] }, { ...NONE, gateways: ['public'] }],
  ])('is known for %s with %j', (router, options, ingress) => {
    expect(parseIngress(options, router)).toEqual(ingress);
  });

  it.each<[router: Router, options: IngressOptions, message: string]>([
    [
      'istio',
      { class: 'a' },
      'ingress.class must be left out with the router istio: it is for nginx and traefik, got "a"',
    ],
    [
      'gateway',
      { tlsSecret: 'a' },
      'ingress.tlsSecret must be left out with the router gateway: it is for nginx and traefik; the Gateway has the certificate, got "a"',
    ],
    [
      'linkerd',
      { tlsSecret: 'a' },
      'ingress.tlsSecret must be left out with the router linkerd: it is for nginx and traefik, got "a"',
    ],
    ['istio', { gateways: [] }, 'ingress.gateways must be a list of one name at least, got []'],
    [
      'istio',
      { gateways: ['a', 'A'] },
      'ingress.gateways[1] must be the name of a gateway, or namespace/name, got "A"',
    ],
    ['istio', { gateways: ['a/b/c'] }, 'ingress.gateways[0] must be the name of a gateway, or namespace/name'],
    ['traefik', { entryPoints: ['a b'] }, 'ingress.entryPoints[0] must be the name of an entry point, got "a b"'],
    ['nginx', { class: 'A' }, 'ingress.class must be a Kubernetes name'],
  ])('is refused for %s with %j', (router, options, message) => {
    expect(() => parseIngress(options, router)).toThrow(message);
  });
});
