/** The controller that reads templates. */
export type Controller = 'argo' | 'flagger';
export const CONTROLLERS: readonly Controller[] = ['argo', 'flagger'];
