/** Whom manifests are for. */
export type Target = 'argo' | 'flagger' | 'prometheus' | 'rules' | 'grafana';
export const TARGETS: readonly Target[] = ['argo', 'flagger', 'prometheus', 'rules', 'grafana'];
