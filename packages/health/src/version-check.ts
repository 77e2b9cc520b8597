import { choiceOption, functionOption, InvalidOption, objectOption } from '@coalmine/options';
import { Range, satisfies, valid } from 'semver';
import { CHECK_KINDS, type CheckAnswer, type CheckKind, type CheckOptions, RUN_KEYS } from './check-options.js';
import { createHttpService, statusReason, TOO_LONG, toResponse } from './http-service.js';

export interface VersionCheckOptions extends Omit<CheckOptions, 'run' | 'kind'> {
  /** Where the dependency says its version. */
  readonly url: string | URL;
  /** The versions that this build works with, as a range of semver: `^2.1.0`. */
  readonly supports: string;
  /** @defaultValue `'advisory'` */
  readonly kind?: CheckKind;
  readonly headers?: Readonly<Record<string, string>>;
  /** Finds the version. @defaultValue the member `version` of a JSON body, else the whole body */
  readonly version?: (body: string, response: Response) => string | undefined;
}

const KEYS = ['url', 'supports', 'kind', 'headers', 'version', ...RUN_KEYS] as const;

/**
 * A check of the API version of a service that this one calls. Redirects are not followed. A pre-release counts as the version that it leads to, so
 * that a canary of the other side is checked too. Throws `InvalidOption`.
 */
export function versionCheck(options: VersionCheckOptions): CheckOptions {
  const { url, supports, kind, headers, version, ...rest } = objectOption('versionCheck', options, KEYS);
  const service = createHttpService('versionCheck', {
    url: url as string | URL,
    headers,
    accept: 'application/json, text/plain',
  });
  const range = parseRange(supports);
  const find = functionOption('versionCheck.version', version) ?? versionIn;
  return {
    // Less often than what is one's own: it changes with a release of somebody else's.
    periodSeconds: 30,
    ...rest,
    kind: choiceOption('versionCheck.kind', kind, CHECK_KINDS, 'advisory'),
    async run(signal): Promise<CheckAnswer> {
      const answer = await service.ask(signal);
      const response = toResponse(answer);
      if (!response.ok) throw new Error(statusReason(answer));
      if (!answer.isWhole) throw new Error(TOO_LONG);
      const found = find(answer.body, response)?.trim();
      if (found === undefined || valid(found) === null) {
        throw new Error(`responded with no version: ${JSON.stringify(found)}`);
      }
      const fits = satisfies(found, range, { includePrerelease: true });
      return {
        status: fits ? 'pass' : 'fail',
        observedValue: found,
        ...(fits ? {} : { output: `this build works with ${supports}` }),
      };
    },
  };
}

function parseRange(supports: unknown): Range {
  try {
    if (typeof supports === 'string' && supports.trim() !== '') return new Range(supports);
  } catch {
    // Said below.
  }
  throw new InvalidOption('versionCheck.supports', 'a semver range such as ^2.1.0', supports);
}

function versionIn(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const version = typeof parsed === 'object' ? (parsed as { version?: unknown } | null)?.version : parsed;
    return typeof version === 'string' ? version : undefined;
  } catch {
    return body;
  }
}
