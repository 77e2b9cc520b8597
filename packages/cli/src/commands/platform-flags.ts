import { Option } from 'commander';
import { AUTH_TYPES } from '../release/provider.js';
import { SCALE_DOWNS } from '../release/workload.js';
import { type Flag, numberOf, pairsOf, several } from './values.js';

const pairs = pairsOf('=');

/** The flags that adapt manifests to an existing platform. */
export const PLATFORM_FLAGS: readonly Flag[] = [
  ['workload.deployment', new Option('--workload <deployment>', 'release the pods of this existing Deployment')],
  [
    'workload.labels',
    new Option('--pod-label <label=value>', 'with --workload: label of its pods (app=<deployment>)').argParser(pairs),
  ],
  [
    'workload.scaleDown',
    new Option('--scale-down <when>', 'with --workload: when Argo scales it down (onsuccess)').choices(SCALE_DOWNS),
  ],
  [
    'autoscale.max',
    new Option('--max-replicas <number>', 'write an HPA with this maximum of pods').argParser(numberOf),
  ],
  [
    'autoscale.min',
    new Option('--min-replicas <number>', 'with --max-replicas: minimum of pods (2)').argParser(numberOf),
  ],
  [
    'autoscale.cpu',
    new Option('--cpu <percentage>', 'with --max-replicas: target share of the requested CPU (70)').argParser(numberOf),
  ],
  [
    'autoscale.cpuRequest',
    new Option('--cpu-request <amount>', 'with --max-replicas: CPU that each pod requests (250m)'),
  ],
  ['ingress.class', new Option('--ingress-class <name>', 'ingress class, for nginx (nginx) and Traefik')],
  [
    'ingress.tlsSecret',
    new Option('--tls-secret <name>', 'Secret with the certificate of the host, for nginx and Traefik'),
  ],
  [
    'ingress.gateways',
    new Option(
      '--gateway <name>',
      'gateway of Istio or the Gateway API, as name or namespace/name; may be given again',
    ).argParser(several),
  ],
  [
    'ingress.entryPoints',
    new Option('--entry-point <name>', 'entry point of Traefik; may be given again').argParser(several),
  ],
  [
    'operator.labels',
    new Option(
      '--operator-label <label=value>',
      'label by which the Prometheus Operator selects objects, such as release=kube-prometheus-stack; may be given again',
    ).argParser(pairs),
  ],
  [
    'provider.headers',
    new Option(
      '--provider-header <name=value>',
      'header that the controller sends to Prometheus, such as X-Scope-OrgID=shop; may be given again',
    ).argParser(pairs),
  ],
  ['provider.insecure', new Option('--provider-insecure', 'make the controller accept any certificate of Prometheus')],
  [
    'provider.timeoutSeconds',
    new Option('--provider-timeout <seconds>', 'seconds that Argo gives to a query (30)').argParser(numberOf),
  ],
  [
    'provider.auth.type',
    new Option('--auth <type>', 'how the controller authenticates to Prometheus').choices(AUTH_TYPES),
  ],
  [
    'provider.auth.secret',
    new Option('--auth-secret <name>', 'with --auth bearer, basic or oauth2: Secret with the credentials'),
  ],
  ['provider.auth.tokenUrl', new Option('--auth-token-url <url>', 'with --auth oauth2: URL that issues tokens')],
  ['provider.auth.clientId', new Option('--auth-client-id <id>', 'with --auth oauth2: id of the client')],
  [
    'provider.auth.scopes',
    new Option('--auth-scope <scope>', 'with --auth oauth2: scope to request; may be given again').argParser(several),
  ],
  ['provider.auth.region', new Option('--auth-region <region>', 'with --auth sigv4: region of AWS')],
  ['provider.auth.profile', new Option('--auth-profile <name>', 'with --auth sigv4: profile of the credentials')],
  ['provider.auth.roleArn', new Option('--auth-role-arn <arn>', 'with --auth sigv4: role to assume')],
];
