/** For whom templates are. */
export type Controller = 'argo' | 'flagger';
export const CONTROLLERS: readonly Controller[] = ['argo', 'flagger'];
