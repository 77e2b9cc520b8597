import type { Matcher } from '../../promql/matcher.js';
import type { PlacedMatcher } from '../../promql/promql.js';
import { isMatch } from './outcome.js';
import type { QueryUse } from './query-use.js';

// The letters in the suffixes of Kubernetes.
const SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]';

/** The pattern for the pods of a canary of Flagger. */
export const CANARY_PODS: string = `{{ target }}-${SUFFIX}+-${SUFFIX}{5}`;

const HASH = '5f6c7d8b9c';
const ENDING = 'x7k2p';
const CANARY_POD = `shop-${HASH}-${ENDING}`;

// Kubernetes cuts the hash of a long name, and the end of a very long one: `shop-5f6x7k2p`, `shop-primx7k2p`. The pods of a
// DaemonSet have no hash.
const CUT_PODS: readonly string[] = ['shop-', 'shop-primary-'].flatMap((name) => [
  ...Array.from(HASH, (_, i) => `${name}${HASH.slice(0, i + 1)}${ENDING}`),
  ...Array.from({ length: name.length - 'shop'.length }, (_, i) => `${name.slice(0, name.length - i)}${ENDING}`),
]);

const PRIMARY = 'the primary';
const PRIMARY_POD = `shop-primary-${HASH}-${ENDING}`;

const OTHER_PODS: Readonly<Record<string, string>> = {
  [PRIMARY_POD]: PRIMARY,
  'shop-primary-x7k2p': 'the primary of a DaemonSet',
  'shop-worker-5f6c7d8b9c-x7k2p': 'a Deployment whose name starts with the same word',
  'shop-redis-0': 'a StatefulSet whose name starts with the same word',
};

/** Whether a matcher spells the name of a target out, and does not match the primary of that name as well. */
export function isNameOfTarget(matcher: Matcher): boolean {
  const { label, operator, value } = matcher;
  const [name = ''] = /^[a-z\d](?:[a-z\d-]*[a-z\d])?/.exec(value) ?? [];
  if (name === '' || !/^=~?$/.test(operator)) return false;
  if (!/pod|workload|deployment|^(?:k8s_)?app$|^app_kubernetes_io_name$/.test(label)) return false;
  const suffix = /pod/.test(label) ? `-${HASH}-${ENDING}` : '';
  return isMatch(matcher, name + suffix) && !isMatch(matcher, `${name}-primary${suffix}`);
}

/** Checks which pods a query takes for the canary's. */
export function lintSiblings({ query, say }: QueryUse): void {
  const wide = query.parts.flatMap((part) =>
    part.kind === 'selector' ? part.matchers.filter((matcher) => siblingsOf(matcher).length > 0) : [],
  );
  const [first] = wide;
  if (first === undefined) return;
  const edits = wide.map((matcher) => ({
    ...matcher,
    text: `${matcher.label}=~"${CANARY_PODS}"`,
  }));
  say(
    'pods-of-siblings',
    first,
    `in addition to the pods of the canary it matches pods of ${siblingsOf(first).join(', ')}`,
    `query: ${query.edited(edits)}`,
    // Only the primary is known to exist.
    wide.some((matcher) => siblingsOf(matcher).includes(PRIMARY)) ? 'error' : 'warning',
  );
}

// A label with the name of a workload: the canary has the name of the target.
const WORKLOAD = /^(?:destination_workload|workload|deployment)$/;
const CANARY_WORKLOAD = 'shop';
const PRIMARY_WORKLOAD = 'shop-primary';

/** Checks that a query takes some pods of a canary at all. */
export function lintNobody({ query, say }: QueryUse): void {
  const selectors = query.parts.flatMap((part) => (part.kind === 'selector' ? [part] : []));
  const idle = selectors.flatMap(({ matchers }) => matchers.filter(isOfNobody));
  if (idle.length > 0) {
    return sayOf(
      idle,
      idle.some(({ label }) => WORKLOAD.test(label))
        ? 'no workload is named so: that of the canary has the name of the target, and that of the primary ends with -primary'
        : 'no pod is named so: the pods of the canary have the name of the target, and two suffixes after it',
    );
  }
  const ofPrimary = selectors.flatMap(({ matchers }) => matchers.find(isOfPrimary) ?? []);
  if (ofPrimary.length < selectors.length) return;
  sayOf(ofPrimary, 'these are the pods of the primary, and the query selects no pod of the canary');

  function sayOf(matchers: readonly PlacedMatcher[], message: string): void {
    const [first] = matchers;
    if (first === undefined) return;
    const edits = matchers.map((matcher) => ({
      ...matcher,
      text: WORKLOAD.test(matcher.label) ? `${matcher.label}="{{ target }}"` : `${matcher.label}=~"${CANARY_PODS}"`,
    }));
    say('no-such-pods', first, message, `query: ${query.edited(edits)}`);
  }
}

/** Whether a matcher takes pods of the primary, and none of the canary. */
function isOfPrimary(matcher: Matcher): boolean {
  const filled = fillTarget(matcher);
  if (filled === undefined) return false;
  if (WORKLOAD.test(matcher.label)) return isMatch(filled, PRIMARY_WORKLOAD) && !isMatch(filled, CANARY_WORKLOAD);
  return /pod/.test(matcher.label) && isMatch(filled, PRIMARY_POD) && !isMatch(filled, CANARY_POD);
}

/** Whether a matcher takes neither a pod of the target nor one of its primary. */
function isOfNobody(matcher: Matcher): boolean {
  const { label, operator } = matcher;
  const filled = /^=~?$/.test(operator) ? fillTarget(matcher) : undefined;
  if (filled === undefined) return false;
  if (WORKLOAD.test(label)) {
    // Any other name may be that of another workload.
    const isMeant = isMatch(filled, `${CANARY_WORKLOAD}-canary`);
    return isMeant && ![CANARY_WORKLOAD, PRIMARY_WORKLOAD].some((name) => isMatch(filled, name));
  }
  if (!/^(?:kubernetes_|exported_)?pod(?:_name)?$/.test(label)) return false;
  return ![CANARY_POD, ...CUT_PODS, ...Object.keys(OTHER_PODS)].some((pod) => isMatch(filled, pod));
}

/** Returns a matcher with a name in place of the target; `undefined` if it has no target, or other placeholders. */
function fillTarget(matcher: Matcher): Matcher | undefined {
  const value = matcher.value.replace(/\{\{-?\s*target\s*-?\}\}/g, 'shop');
  return value === matcher.value || value.includes('{{') ? undefined : { ...matcher, value };
}

/** Returns the other pods that a matcher takes for the canary's. */
function siblingsOf(matcher: Matcher): readonly string[] {
  if (!/pod/.test(matcher.label) || !matcher.value.includes('{{')) return [];
  const filled = { ...matcher, value: matcher.value.replace(/\{\{.*?\}\}/g, 'shop') };
  if (!isMatch(filled, CANARY_POD)) return [];
  return Object.entries(OTHER_PODS).flatMap(([pod, whose]) => (isMatch(filled, pod) ? [whose] : []));
}
