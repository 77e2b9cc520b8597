import { Ajv } from 'ajv';

// The fields of Flagger's custom resources that Coalmine may write. No package has their schema.
// https://docs.flagger.app/usage/how-it-works

const string = { type: 'string', minLength: 1 };
const number = { type: 'number' };
const strings = { type: 'array', items: string };

/** Returns the schema of an object with required members, optional members, and no others. */
function object(required: Readonly<Record<string, object>>, others: Readonly<Record<string, object>> = {}): object {
  return {
    type: 'object',
    required: Object.keys(required),
    properties: { ...required, ...others },
    additionalProperties: false,
  };
}

const PROVIDERS = [
  'apisix',
  'appmesh',
  'appmesh:v1beta2',
  'contour',
  'gatewayapi:v1',
  'gatewayapi:v1beta1',
  'gloo',
  'istio',
  'knative',
  'kubernetes',
  'kuma',
  'linkerd',
  'nginx',
  'osm',
  'skipper',
  'smi:v1alpha1',
  'smi:v1alpha2',
  'smi:v1alpha3',
  'traefik',
];
const PHASES = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'post-rollout',
  'rollback',
  'event',
];
// Durations of Go. Flagger accepts durations that start with minutes or seconds.
const duration = { type: 'string', pattern: '^[0-9]+(m|s)' };

function reference(...kinds: readonly string[]): object {
  return object({ apiVersion: string, kind: { enum: kinds }, name: string });
}

const metric = object(
  { name: string },
  {
    interval: duration,
    thresholdRange: object({}, { min: number, max: number }),
    templateRef: object({ name: string }, { namespace: string }),
    templateVariables: { type: 'object', additionalProperties: string },
  },
);
const webhook = object(
  { name: string, url: { type: 'string', pattern: '^https?://' } },
  {
    type: { enum: PHASES },
    timeout: duration,
    retries: number,
    metadata: { type: 'object', additionalProperties: string },
  },
);
const analysis = object(
  { interval: duration, threshold: number },
  {
    iterations: number,
    maxWeight: number,
    stepWeight: number,
    stepWeights: { type: 'array', items: number },
    metrics: { type: 'array', items: metric },
    webhooks: { type: 'array', items: webhook },
  },
);
const canary = object(
  { targetRef: reference('Deployment', 'DaemonSet', 'Service'), service: { type: 'object' }, analysis },
  {
    provider: { enum: PROVIDERS },
    autoscalerRef: reference('HorizontalPodAutoscaler'),
    ingressRef: reference('Ingress'),
    progressDeadlineSeconds: number,
    service: object(
      { port: number },
      {
        name: string,
        targetPort: { type: ['number', 'string'] },
        hosts: strings,
        gateways: strings,
        gatewayRefs: {
          type: 'array',
          items: object({ name: string }, { namespace: string, group: string, kind: string, port: number }),
        },
      },
    ),
  },
);
const provider = object(
  { type: { const: 'prometheus' }, address: string },
  {
    headers: { type: 'object', additionalProperties: strings },
    secretRef: object({ name: string }),
    insecureSkipVerify: { type: 'boolean' },
  },
);
const metricTemplate = object({ provider, query: string });

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const SCHEMAS = { Canary: ajv.compile(canary), MetricTemplate: ajv.compile(metricTemplate) };

/** Returns what Flagger would refuse in a Canary or a MetricTemplate. */
export function flaggerErrors(kind: keyof typeof SCHEMAS, spec: unknown): readonly string[] {
  const validate = SCHEMAS[kind];
  validate(spec);
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
  );
}
