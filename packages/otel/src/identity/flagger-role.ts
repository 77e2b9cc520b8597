import type { RolloutController, RolloutRole } from './identity-options.js';

/** The signs of whether Flagger releases a pod, and in which role. */
export interface FlaggerSigns {
  readonly controller: RolloutController | undefined;
  /** The value of the label that the Deployment selects by, if the pod knows it. */
  readonly selector: string | undefined;
  readonly labels: ReadonlyMap<string, string>;
  /** The Deployment, by the pod's name. */
  readonly workload: string | undefined;
}

// The labels that Flagger tries as the selector, unless it is configured otherwise.
const SELECTOR_LABELS = ['app', 'name', 'app.kubernetes.io/name'];

/**
 * Returns the role of a pod under Flagger. Flagger copies a Deployment `shop` to `shop-primary` and gives the selector
 * label of the copy the same ending. Both stay for the life of the pod. A pod without the ending is a canary only if it
 * is known that Flagger is there: any other Deployment looks the same.
 */
export function flaggerRole({ controller, selector, labels, workload }: FlaggerSigns): RolloutRole | undefined {
  if (controller === 'argo') return undefined;
  const signs = [selector, workload, ...SELECTOR_LABELS.map((label) => labels.get(label))].filter(
    (sign) => sign !== undefined,
  );
  if (signs.some((sign) => sign.endsWith('-primary'))) return 'primary';
  const isFlagger = controller === 'flagger' || selector !== undefined;
  return isFlagger && signs.length > 0 ? 'canary' : undefined;
}
