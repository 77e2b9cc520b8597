import { choiceOption, functionOption, InvalidOption, listOption, objectOption } from '@coalmine/options';
import { CHECK_KINDS, type CheckKind, type CheckOptions, RUN_KEYS } from './check-options.js';
import { createHttpService, statusReason, TOO_LONG, toResponse } from './http-service.js';

export interface HttpCheckOptions extends Omit<CheckOptions, 'run' | 'kind'> {
  /** @defaultValue `'advisory'` */
  readonly kind?: CheckKind;
  readonly headers?: Readonly<Record<string, string>>;
  /** The statuses that pass. @defaultValue 200 to 299 */
  readonly statuses?: readonly number[];
  /**
   * Judges a response whose status passes: returns what `run` of a check may return. The body is at most 64 KiB long.
   * @defaultValue the status is enough
   */
  readonly judge?: (body: string, response: Response) => unknown;
}

const KEYS = ['kind', 'headers', 'statuses', 'judge', ...RUN_KEYS] as const;

/**
 * A check of a service that this one calls: passes when the service responds to a `GET` with a status that was expected.
 * Redirects are not followed, because the page that a redirect leads to, such as a login, says nothing of the service. Throws
 * `InvalidOption`.
 */
export function httpCheck(url: string | URL, options?: HttpCheckOptions): CheckOptions {
  const { kind, headers, statuses, judge, ...rest } = objectOption('httpCheck', options, KEYS);
  const service = createHttpService('httpCheck', { url, headers, accept: '*/*' });
  const isExpected = parseStatuses(statuses);
  const judged = functionOption('httpCheck.judge', judge);
  return {
    periodSeconds: 30,
    ...rest,
    kind: choiceOption('httpCheck.kind', kind, CHECK_KINDS, 'advisory'),
    async run(signal) {
      const answer = await service.ask(signal);
      if (!isExpected(answer.status)) throw new Error(statusReason(answer));
      if (judged === undefined) return true;
      if (!answer.isWhole) throw new Error(TOO_LONG);
      return judged(answer.body, toResponse(answer));
    },
  };
}

function parseStatuses(statuses: readonly number[] | undefined): (status: number) => boolean {
  const accepted = 'a status of HTTP from 200 to 599';
  const isStatus = (status: number): boolean => Number.isInteger(status) && status >= 200 && status <= 599;
  if (statuses === undefined) return (status) => status >= 200 && status <= 299;
  const expected = new Set(listOption('httpCheck.statuses', statuses, accepted, isStatus));
  if (expected.size === 0) throw new InvalidOption('httpCheck.statuses', 'a list of at least one status', statuses);
  return (status) => expected.has(status);
}
