import { isExcerpt } from '../excerpt.js';
import type { Fault } from '../fault.js';
import { has, type Mapping, mappingAt, numberAt, textAt } from '../read.js';
import { createRefuse, type Refuse } from '../refuse.js';
import type { Path } from '../yaml.js';
import { checkAntiAffinity } from './check-anti-affinity.js';
import { checkCanaryStrategy } from './check-canary-strategy.js';
import { checkPodTemplate } from './check-pod-template.js';
import { checkRun } from './check-run.js';
import { checkSelector, isSelected } from './check-selector.js';

// The default of Argo Rollouts.
const PROGRESS_DEADLINE_SECONDS = 600;
const REVISION_HISTORY_LIMIT = 10;

/** The kinds that a workloadRef may name. */
const WORKLOADS = ['apps/Deployment', 'apps/ReplicaSet', '/PodTemplate'];

/** Returns why Argo Rollouts refuses a Rollout that fits its schema: the condition InvalidSpec. */
export function checkRollout(rollout: Mapping): readonly Fault[] {
  const faults: Fault[] = [];
  const refuse = createRefuse(faults, 'Argo Rollouts refuses the Rollout (InvalidSpec)');
  const spec = mappingAt(rollout, 'spec');
  if (!isExcerpt('Rollout', rollout)) checkPods(spec, refuse, faults);
  checkCounts(spec, refuse);
  if (has(spec, 'strategy') || !isExcerpt('Rollout', rollout)) checkStrategy(spec, refuse);
  return faults;
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
      refuse('missing-field', ['spec', 'workloadRef'], 'lacks name', 'add name', { fields: ['name'] });
    }
    if (Object.keys(labels).length + Object.keys(mappingAt(template, 'metadata', 'annotations')).length > 0) {
      refuse(
        'refused-together',
        ['spec', 'template'],
        'is given together with workloadRef',
        'keep one of template and workloadRef',
      );
    }
    if (has(spec, 'selector')) faults.push(...checkSelector(selector, ['spec', 'selector']));
    return;
  }
  if (!has(spec, 'selector')) {
    refuse('missing-field', ['spec'], 'lacks selector', 'add selector with the labels of the pods, or workloadRef', {
      fields: ['selector', 'workloadRef'],
    });
  } else {
    faults.push(...checkSelector(selector, ['spec', 'selector']));
    if (has(spec, 'template') && !isSelected(selector, labels)) {
      const at = has(template, 'metadata', 'labels')
        ? ['spec', 'template', 'metadata', 'labels']
        : ['spec', 'template'];
      refuse(
        'refused-together',
        at,
        'has other labels than spec.selector selects',
        'give the template the labels of spec.selector',
      );
    }
  }
  if (!has(spec, 'template')) {
    refuse('missing-field', ['spec'], 'lacks template', 'add template, or workloadRef', {
      fields: ['template', 'workloadRef'],
    });
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
      { fields: names },
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
    const what = active === '' ? 'is empty' : `is ${active}, like previewService`;
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
