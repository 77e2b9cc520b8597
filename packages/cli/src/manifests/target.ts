/** The tool that reads the manifests. */
export type Target = 'argo' | 'flagger' | 'prometheus' | 'rules' | 'grafana';
export const TARGETS: readonly Target[] = ['argo', 'flagger', 'prometheus', 'rules', 'grafana'];
