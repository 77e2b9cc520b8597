import { choiceOption, functionOption, InvalidOption, objectOption } from '@coalmine/options';
import { Range, satisfies, valid } from 'semver';
import { CHECK_KINDS, type CheckAnswer, type CheckKind, type CheckOptions, RUN_KEYS } from './check-options.js';

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

const KEYS = ['url', 'supports', 'kind', 'headers', 'version', ...RUN_KEYS];
const BYTES_AT_MOST = 64 * 1024;

/**
 * A check of the API version of a service that this one calls. A pre-release counts as the version that it leads to, so
 * that a canary of the other side is checked too. Throws `InvalidOption`.
 */
export function versionCheck(options: VersionCheckOptions): CheckOptions {
  const { url, supports, kind, headers = {}, version, ...rest } = objectOption('versionCheck', options, KEYS);
  const address = parseUrl(url);
  const range = parseRange(supports);
  const find = functionOption('versionCheck.version', version) ?? versionIn;
  return {
    // Less often than what is one's own: it changes with a release of somebody else's.
    periodSeconds: 30,
    ...rest,
    kind: choiceOption('versionCheck.kind', kind, CHECK_KINDS, 'advisory'),
    async run(signal): Promise<CheckAnswer> {
      const response = await fetch(address, {
        headers: { accept: 'application/json, text/plain', ...headers },
        signal,
      });
      const body = await textOf(response);
      if (!response.ok) throw new Error(`answered ${response.status}`);
      const found = find(body, response)?.trim();
      if (found === undefined || valid(found) === null)
        throw new Error(`answered no version: ${JSON.stringify(found)}`);
      const fits = satisfies(found, range, { includePrerelease: true });
      return {
        status: fits ? 'pass' : 'fail',
        observedValue: found,
        ...(fits ? {} : { output: `this build works with ${supports}` }),
      };
    },
  };
}

function parseUrl(url: unknown): URL {
  const text = String(url);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidOption('versionCheck.url', 'an http or https URL', url);
  }
  return new URL(text);
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

/** The body, unless it is longer than any version could be. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > BYTES_AT_MOST) throw new Error(`answered more than ${BYTES_AT_MOST / 1024} KiB`);
  }
  return text;
}
