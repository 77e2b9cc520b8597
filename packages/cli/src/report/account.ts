import { shareOf } from '../analyze/account/counts.js';
import { summaryOf } from '../analyze/account/words.js';
import type { AnalysisResult, Counts, RouteCounts } from '../analyze/result.js';
import { showCount, showShare } from '../controllers/shown.js';

/** Returns a verdict in terms of requests; `undefined` if nothing is known of them. */
export function verdictWordsOf({ metrics, decidedBy, account }: AnalysisResult): string | undefined {
  const { words } = metrics.find(({ name }) => name === decidedBy) ?? {};
  return words ?? (account === undefined ? undefined : summaryOf(account));
}

export const ROUTES_CAPTION = 'canary | stable, the worst first';
export const ROUTE_COLUMNS: readonly string[] = ['route', 'requests', 'failed', 'slow', 'redirected, refused'];

/** Returns the cells of one route, in the order of {@link ROUTE_COLUMNS}. */
export function routeCells({ method, route, canary, stable }: RouteCounts): readonly string[] {
  const beside = (of: (counts: Counts) => string): string =>
    stable === undefined ? of(canary) : `${of(canary)} | ${of(stable)}`;
  const share = (part: number, whole: number): string => (whole === 0 ? '-' : showShare(shareOf(part, whole)));
  return [
    `${method} ${route}`,
    beside(({ requests }) => showCount(requests)),
    beside(({ failed, requests }) => share(failed, requests)),
    beside(({ slow, timed }) => share(slow, timed)),
    beside(({ answers, requests }) => {
      const kinds = Object.entries(answers).filter(([, answered]) => answered >= 0.5);
      return kinds.map(([kind, answered]) => `${kind} ${share(answered, requests)}`).join(', ') || '-';
    }),
  ];
}
