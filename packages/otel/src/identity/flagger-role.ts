import type { RolloutController, RolloutRole } from './identity-options.js';

/** What could say that Flagger releases a pod, and as what. */
export interface FlaggerSigns {
  readonly controller: RolloutController | undefined;
  /** Value of the label that the Deployment selects by, where the pod was told it. */
  readonly selector: string | undefined;
  readonly labels: ReadonlyMap<string, string>;
  /** The Deployment, by the pod's name. */
  readonly workload: string | undefined;
}

// The labels that Flagger takes for the selector's, unless it is told others.
const SELECTOR_LABELS = ['app', 'name', 'app.kubernetes.io/name'];

/**
 * The role of a pod under Flagger, which copies a Deployment `shop` to `shop-primary` and gives the copy's selector
 * label the same ending. Both stay for the life of the pod. A pod without the ending is a canary only where it is
 * known that Flagger is there at all: any other Deployment looks like that.
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
