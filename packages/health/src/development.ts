/** The signs that tell development from production. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Whether standard input is a terminal. */
  readonly isTerminal: boolean;
  /** Whether `tsx` has started the process. */
  readonly isUnderTsx: boolean;
  /** Whether anybody has asked for the health of the process. */
  readonly wasProbed: boolean;
}

/**
 * Returns what shows that the process runs on the machine of a developer, where nobody waits for a drain, or `undefined`.
 * `NODE_ENV=production` and Kubernetes rule development out.
 */
export function signOfDevelopment({ env, isTerminal, isUnderTsx, wasProbed }: Surroundings): string | undefined {
  // `node --watch` sets the last one for the process that it restarts.
  const { NODE_ENV, KUBERNETES_SERVICE_HOST, WATCH_REPORT_DEPENDENCIES } = env;
  if (NODE_ENV === 'production' || KUBERNETES_SERVICE_HOST !== undefined) return undefined;
  if (WATCH_REPORT_DEPENDENCIES !== undefined) return 'node --watch runs it';
  // Services are deployed with NODE_ENV=development, with a terminal or under tsx too: those are probed.
  if (wasProbed) return undefined;
  if (NODE_ENV === 'development') return 'NODE_ENV is development';
  if (isTerminal) return 'standard input is a terminal';
  return isUnderTsx ? 'tsx runs it and no probe was seen' : undefined;
}
