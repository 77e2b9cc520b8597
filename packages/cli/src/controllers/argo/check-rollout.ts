import { type Fault, type FaultRule, shownPath, shownValue } from '../fault.js';
import { has, listAt, type Mapping, mappingAt, numberAt, textAt } from '../read.js';
import type { Path } from '../yaml.js';
import { checkCanaryStrategy } from './check-canary-strategy.js';
import { checkPodTemplate } from './check-pod-template.js';
import { checkSelector, isSelected } from './check-selector.js';

// What Argo Rollouts takes where nothing is said.
const PROGRESS_DEADLINE_SECONDS = 600;
const REVISION_HISTORY_LIMIT = 10;

/** The kinds that a workloadRef may name. */
const WORKLOADS = ['apps/Deployment', 'apps/ReplicaSet', '/PodTemplate'];

/** Says what Argo Rollouts refuses at a path. */
export type Refuse = (rule: FaultRule, path: Path, what: string, repair: string, fields?: readonly string[]) => void;

/** Why Argo Rollouts refuses a Rollout that fits its schema: the condition InvalidSpec. */
export function checkRollout(rollout: Mapping): readonly Fault[] {
  const faults: Fault[] = [];
  const refuse: Refuse = (rule, path, what, repair, fields) => {
    const message = `${shownPath(path)} ${what}: Argo Rollouts refuses the Rollout (InvalidSpec)`;
    faults.push({ rule, path, message, repair, ...(fields === undefined ? {} : { fields }) });
  };
  const spec = mappingAt(rollout, 'spec');
  if (!isExcerpt(rollout)) checkPods(spec, refuse, faults);
  checkCounts(spec, refuse);
  checkStrategy(spec, refuse);
  return faults;
}

/** Whether a Rollout says nothing of its pods: a patch, or an excerpt from documentation. */
export function isExcerpt(rollout: Mapping): boolean {
  return !['selector', 'template', 'workloadRef'].some((field) => has(rollout, 'spec', field));
}

function checkPods(spec: Mapping, refuse: Refuse, faults: Fault[]): void {
  const [selector, template] = [mappingAt(spec, 'selector'), mappingAt(spec, 'template')];
  const labels = mappingAt(template, 'metadata', 'labels');
  if (has(spec, 'workloadRef')) {
    const { apiVersion, kind } = mappingAt(spec, 'workloadRef');
    const group = String(apiVersion ?? '')
      .split('/')
      .slice(0, -1)
      .join('/');
    if (!WORKLOADS.includes(`${group}/${kind ?? ''}`)) {
      refuse(
        'refused-value',
        ['spec', 'workloadRef'],
        `names a ${kind ?? 'workload without a kind'} of ${apiVersion ?? 'no apiVersion'}`,
        'write apiVersion: apps/v1 and kind: Deployment',
      );
    }
    if (textAt(spec, 'workloadRef', 'name') === '') {
      refuse('missing-field', ['spec', 'workloadRef'], 'lacks name', 'add name', ['name']);
    }
    if (Object.keys(labels).length + Object.keys(mappingAt(template, 'metadata', 'annotations')).length > 0) {
      refuse(
        'refused-together',
        ['spec', 'template'],
        'stands beside workloadRef',
        'keep one of template and workloadRef',
      );
    }
    if (has(spec, 'selector')) faults.push(...checkSelector(selector, ['spec', 'selector']));
    return;
  }
  if (!has(spec, 'selector')) {
    refuse('missing-field', ['spec'], 'lacks selector', 'add selector with the labels of the pods, or workloadRef', [
      'selector',
      'workloadRef',
    ]);
  } else {
    faults.push(...checkSelector(selector, ['spec', 'selector']));
    if (has(spec, 'template') && !isSelected(selector, labels)) {
      const at = has(template, 'metadata', 'labels')
        ? ['spec', 'template', 'metadata', 'labels']
        : ['spec', 'template'];
      refuse(
        'refused-together',
        at,
        'is not what spec.selector selects',
        'give the template the labels of spec.selector',
      );
    }
  }
  if (!has(spec, 'template')) {
    refuse('missing-field', ['spec'], 'lacks template', 'add template, or workloadRef', ['template', 'workloadRef']);
  } else {
    checkPodTemplate(template, ['spec', 'template'], refuse);
  }
}

function checkCounts(spec: Mapping, refuse: Refuse): void {
  for (const field of ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']) {
    const count = numberAt(spec, field);
    if (count !== undefined && count < 0) refuse('refused-value', ['spec', field], `is ${count}`, 'write 0 or more');
  }
  const [least, deadline] = [
    numberAt(spec, 'minReadySeconds') ?? 0,
    numberAt(spec, 'progressDeadlineSeconds') ?? PROGRESS_DEADLINE_SECONDS,
  ];
  if (deadline >= 0 && deadline <= least) {
    const field = has(spec, 'progressDeadlineSeconds') ? 'progressDeadlineSeconds' : 'minReadySeconds';
    refuse(
      'refused-together',
      ['spec', field],
      `leaves no time: progressDeadlineSeconds is ${deadline} and minReadySeconds is ${least}`,
      `progressDeadlineSeconds: ${least + PROGRESS_DEADLINE_SECONDS}`,
    );
  }
}

function checkStrategy(spec: Mapping, refuse: Refuse): void {
  const path = ['spec', 'strategy'];
  const [isCanary, isBlueGreen] = [has(spec, 'strategy', 'canary'), has(spec, 'strategy', 'blueGreen')];
  if (!isCanary && !isBlueGreen) {
    const isThere = has(spec, 'strategy');
    const names = isThere ? ['canary', 'blueGreen'] : ['strategy'];
    refuse(
      'missing-field',
      isThere ? path : ['spec'],
      isThere ? 'lacks canary or blueGreen' : 'lacks strategy',
      'add strategy: { canary: … } or { blueGreen: … }',
      names,
    );
  } else if (isCanary && isBlueGreen) {
    refuse('refused-together', path, 'has both canary and blueGreen', 'keep one of them');
  } else if (isCanary) {
    checkCanaryStrategy(mappingAt(spec, 'strategy', 'canary'), [...path, 'canary'], refuse);
  } else {
    checkBlueGreen(spec, [...path, 'blueGreen'], refuse);
  }
}

function checkBlueGreen(spec: Mapping, path: Path, refuse: Refuse): void {
  const strategy = mappingAt(spec, 'strategy', 'blueGreen');
  const [active, preview] = [textAt(strategy, 'activeService'), textAt(strategy, 'previewService')];
  if (active === preview && has(strategy, 'activeService')) {
    const what = active === '' ? 'is empty' : `is ${active}, as previewService is`;
    refuse('refused-together', [...path, 'activeService'], what, 'name two different Services');
  }
  const [kept, history] = [
    numberAt(strategy, 'scaleDownDelayRevisionLimit'),
    numberAt(spec, 'revisionHistoryLimit') ?? REVISION_HISTORY_LIMIT,
  ];
  if (kept !== undefined && kept > history) {
    refuse(
      'refused-together',
      [...path, 'scaleDownDelayRevisionLimit'],
      `is ${kept}, more than the revisionHistoryLimit of ${history}`,
      `write ${history} at most`,
    );
  }
  checkAntiAffinity(strategy, path, refuse);
  for (const role of ['prePromotionAnalysis', 'postPromotionAnalysis']) {
    if (has(strategy, role)) checkRun(mappingAt(strategy, role), [...path, role], refuse);
  }
}

/** Checks the antiAffinity of a strategy. */
export function checkAntiAffinity(strategy: Mapping, path: Path, refuse: Refuse): void {
  if (!has(strategy, 'antiAffinity')) return;
  const [preferred, required] = [
    'preferredDuringSchedulingIgnoredDuringExecution',
    'requiredDuringSchedulingIgnoredDuringExecution',
  ] as const;
  const affinity = mappingAt(strategy, 'antiAffinity');
  const at = [...path, 'antiAffinity'];
  if (has(affinity, preferred) === has(affinity, required)) {
    const isNone = !has(affinity, preferred);
    refuse(
      isNone ? 'missing-field' : 'refused-together',
      at,
      isNone ? `lacks ${preferred} or ${required}` : 'has two kinds of antiAffinity',
      `keep one of ${preferred} and ${required}`,
      isNone ? [preferred, required] : undefined,
    );
  }
  const weight = numberAt(affinity, preferred, 'weight');
  if (weight !== undefined && (weight < 1 || weight > 100)) {
    refuse('refused-value', [...at, preferred, 'weight'], `is ${weight}`, 'write a weight from 1 to 100');
  }
}

// What an argument may take from the Rollout itself.
const METADATA = /^metadata\.(?:name|namespace|uid|labels|annotations|(?:labels|annotations)\['[^']+'\])$/;

/** Checks an analysis that a Rollout runs. */
export function checkRun(run: Mapping, path: Path, refuse: Refuse): void {
  const templates = listAt(run, 'templates');
  if (templates.length === 0) {
    refuse(
      'missing-field',
      path,
      'lacks templates, so that the analysis has no metric',
      'add templates: [{ templateName: … }]',
      ['templates'],
    );
  }
  for (const [i, template] of templates.entries()) {
    if (textAt(template, 'templateName') === '') {
      refuse('missing-field', [...path, 'templates', i], 'lacks templateName', 'add templateName', ['templateName']);
    }
  }
  checkArguments(run, path, refuse);
}

/** Checks the arguments of an analysis that a Rollout runs. */
export function checkArguments(run: Mapping, path: Path, refuse: Refuse): void {
  for (const [i, argument] of listAt(run, 'args').entries()) {
    const field = textAt(argument, 'valueFrom', 'fieldRef', 'fieldPath');
    if (field.startsWith('metadata') && !METADATA.test(field)) {
      const at = [...path, 'args', i, 'valueFrom', 'fieldRef', 'fieldPath'];
      refuse(
        'refused-value',
        at,
        `is ${field}`,
        "write metadata.name, metadata.namespace, metadata.uid, metadata.labels['…'] or metadata.annotations['…']",
      );
    }
    const hash = textAt(argument, 'valueFrom', 'podTemplateHashValue');
    if (hash !== '' && !['Latest', 'Stable'].includes(hash)) {
      const at = [...path, 'args', i, 'valueFrom', 'podTemplateHashValue'];
      refuse('refused-value', at, `is ${shownValue(hash)}, so that the argument is empty`, 'write Latest or Stable');
    }
  }
}
