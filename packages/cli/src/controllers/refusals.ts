import { checkAnalysis } from './argo/check-analysis.js';
import { checkRollout } from './argo/check-rollout.js';
import { checkMetadata } from './check-metadata.js';
import { isExcerpt } from './excerpt.js';
import type { Fault } from './fault.js';
import { checkAlertProvider } from './flagger/check-alert-provider.js';
import { checkCanary } from './flagger/check-canary.js';
import { checkMetricTemplate } from './flagger/check-metric-template.js';
import { isSubdomain } from './names.js';
import { has, type Mapping, textAt } from './read.js';
import { checkSchema } from './schema/check-schema.js';
import { knownKinds, schemaOf } from './schema/schema.js';
import { nearest } from './schema/suggest-field.js';
import type { Path } from './yaml.js';

// The requirements of each controller for an object, in addition to its schema.
const CHECKS: Readonly<Record<string, (object: Mapping) => readonly Fault[]>> = {
  Rollout: checkRollout,
  AnalysisTemplate: checkAnalysis,
  ClusterAnalysisTemplate: checkAnalysis,
  AnalysisRun: checkAnalysis,
  Canary: checkCanary,
  MetricTemplate: checkMetricTemplate,
  AlertProvider: checkAlertProvider,
};

/** Kinds of other controllers in a group that Argo Rollouts shares. */
const OTHER_KINDS = [
  'Application',
  'ApplicationSet',
  'AppProject',
  'Workflow',
  'WorkflowTemplate',
  'ClusterWorkflowTemplate',
  'CronWorkflow',
  'EventBus',
  'EventSource',
  'Sensor',
];

/**
 * Returns why an API server or the controller refuses an object of Argo Rollouts or Flagger, each reason once; empty
 * for objects of other kinds.
 */
export function refusalsOf(object: Mapping): readonly Fault[] {
  const [apiVersion, kind] = [textAt(object, 'apiVersion'), textAt(object, 'kind')];
  const schema = schemaOf(apiVersion, kind);
  if (schema === undefined) return checkIdentity(object, apiVersion, kind);
  const isLeftOut = ({ rule, path }: Fault): boolean =>
    rule === 'missing-field' && path[0] === 'spec' && path.length < 3;
  const bySchema = [...checkSchema(kind, schema, object), ...checkMetadata(kind, object)].filter(
    (fault) => !(isLeftOut(fault) && isExcerpt(kind, object)),
  );
  const byController = CHECKS[kind]?.(object) ?? [];
  const more = byController.filter((fault) => !bySchema.some((other) => covers(other, fault)));
  return withoutMisplaced([...bySchema, ...more]);
}

/** Whether a fault of the schema says already what the controller would say. */
function covers(bySchema: Fault, { path, rule, fields = [] }: Fault): boolean {
  if (bySchema.rule === 'unknown-field') return false;
  if (bySchema.rule !== 'missing-field') return isWithin(path, bySchema.path);
  const [missing = ''] = bySchema.fields ?? [];
  const isSame = rule === 'missing-field' && path.length === bySchema.path.length && fields.includes(missing);
  return isWithin(path, [...bySchema.path, missing]) || (isSame && isWithin(path, bySchema.path));
}

/** Whether a text is the API version of a group that does not belong to Kubernetes itself. */
function isApiVersion(text: string): boolean {
  const [group = '', version = '', ...more] = text.split('/');
  return more.length === 0 && group.includes('.') && isSubdomain(group) && /^v\d/.test(version);
}

function isWithin(path: Path, holder: Path): boolean {
  return holder.every((key, i) => path[i] === key);
}

/** Removes missing fields that are only misspelt or misplaced. */
function withoutMisplaced(faults: readonly Fault[]): readonly Fault[] {
  const meant = faults.flatMap(({ rule, fields = [] }) => (rule === 'unknown-field' ? fields : []));
  return faults.filter(
    ({ rule, fields = [] }) => rule !== 'missing-field' || !fields.some((field) => meant.includes(field)),
  );
}

function checkIdentity(object: Mapping, apiVersion: string, kind: string): readonly Fault[] {
  const known = knownKinds();
  const group = apiVersion.split('/', 1)[0] ?? '';
  const namesake = known.find((each) => each.kind === kind);
  if (namesake !== undefined && apiVersion === '') {
    const isWrong = has(object, 'apiVersion');
    return [
      {
        rule: isWrong ? 'wrong-type' : 'missing-field',
        path: isWrong ? ['apiVersion'] : [],
        message: `the ${kind} ${isWrong ? 'has an apiVersion that is not a string' : 'lacks apiVersion'}: the API server refuses the ${kind}`,
        repair: `apiVersion: ${namesake.apiVersion}`,
      },
    ];
  }
  const groups = known.map((each) => each.apiVersion.split('/', 1)[0] ?? '');
  const isForeign = isApiVersion(apiVersion) && nearest(group, groups) === undefined;
  if (namesake !== undefined && !isForeign) {
    return [
      {
        rule: 'refused-value',
        path: ['apiVersion'],
        message: `there is no ${kind} in ${apiVersion}: the API server refuses the object`,
        repair: `apiVersion: ${namesake.apiVersion}`,
      },
    ];
  }
  if (namesake !== undefined || !groups.includes(group) || OTHER_KINDS.includes(kind)) return [];
  const kinds = known.filter((each) => each.apiVersion === apiVersion).map((each) => each.kind);
  const meant = nearest(kind, kinds);
  if (meant === undefined) return [];
  return [
    {
      rule: 'refused-value',
      path: ['kind'],
      message: `${apiVersion} has no kind ${kind}: the API server refuses the object`,
      repair: `kind: ${meant.name}`,
    },
  ];
}
