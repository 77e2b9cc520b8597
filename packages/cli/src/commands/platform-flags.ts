import { Option } from 'commander';
import { AUTH_TYPES } from '../release/provider.js';
import { SCALE_DOWNS } from '../release/workload.js';
import { type Flag, numberOf, pairsOf, several } from './values.js';

const pairs = pairsOf('=');

/** The flags that have manifests fit the platform that is there. */
export const PLATFORM_FLAGS: readonly Flag[] = [
  ['workload.deployment', new Option('--workload <deployment>', 'take the pods of this Deployment, which exists')],
  [
    'workload.labels',
    new Option('--pod-label <label=value>', 'with --workload: of its pods (app=<deployment>)').argParser(pairs),
  ],
  [
    'workload.scaleDown',
    new Option('--scale-down <when>', 'with --workload: when Argo scales it down (onsuccess)').choices(SCALE_DOWNS),
  ],
  ['autoscale.max', new Option('--max-replicas <number>', 'an HPA up to so many pods').argParser(numberOf)],
  ['autoscale.min', new Option('--min-replicas <number>', 'with --max-replicas: at least (2)').argParser(numberOf)],
  [
    'autoscale.cpu',
    new Option('--cpu <percentage>', 'with --max-replicas: of the requested CPU (70)').argParser(numberOf),
  ],
  ['autoscale.cpuRequest', new Option('--cpu-request <amount>', 'with --max-replicas: of each pod (250m)')],
  ['ingress.class', new Option('--ingress-class <name>', 'of nginx (nginx) or of Traefik')],
  ['ingress.tlsSecret', new Option('--tls-secret <name>', 'with the certificate of the host, for nginx and Traefik')],
  [
    'ingress.gateways',
    new Option('--gateway <name>', 'of Istio or the Gateway API, or namespace/name; may be given again').argParser(
      several,
    ),
  ],
  ['ingress.entryPoints', new Option('--entry-point <name>', 'of Traefik; may be given again').argParser(several)],
  [
    'operator.labels',
    new Option(
      '--operator-label <label=value>',
      'that the Prometheus Operator selects by, such as release=kube-prometheus-stack; may be given again',
    ).argParser(pairs),
  ],
  [
    'provider.headers',
    new Option(
      '--provider-header <name=value>',
      'that the controller sends Prometheus, such as X-Scope-OrgID=shop; may be given again',
    ).argParser(pairs),
  ],
  ['provider.insecure', new Option('--provider-insecure', 'have the controller take any certificate of Prometheus')],
  [
    'provider.timeoutSeconds',
    new Option('--provider-timeout <seconds>', 'that Argo gives a query (30)').argParser(numberOf),
  ],
  [
    'provider.auth.type',
    new Option('--auth <type>', 'how the controller proves to Prometheus who it is').choices(AUTH_TYPES),
  ],
  ['provider.auth.secret', new Option('--auth-secret <name>', 'with --auth bearer, basic or oauth2: its Secret')],
  ['provider.auth.tokenUrl', new Option('--auth-token-url <url>', 'with --auth oauth2: where tokens are had')],
  ['provider.auth.clientId', new Option('--auth-client-id <id>', 'with --auth oauth2')],
  [
    'provider.auth.scopes',
    new Option('--auth-scope <scope>', 'with --auth oauth2; may be given again').argParser(several),
  ],
  ['provider.auth.region', new Option('--auth-region <region>', 'with --auth sigv4: of AWS')],
  ['provider.auth.profile', new Option('--auth-profile <name>', 'with --auth sigv4: of the credentials')],
  ['provider.auth.roleArn', new Option('--auth-role-arn <arn>', 'with --auth sigv4: a role that is assumed')],
];
