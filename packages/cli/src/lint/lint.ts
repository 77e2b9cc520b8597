import { text as textOf } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { AnalysisError } from '../analyze/analysis-error.js';
import { contentsOf } from '../contents.js';
import { isManifest, type SourceFile } from '../controllers/objects.js';
import { fetchExposition, isOpenMetrics } from './exposition/fetch-exposition.js';
import { type LintExpositionOptions, lintExposition, lintOpenMetrics } from './exposition/lint-exposition.js';
import type { Finding } from './finding.js';
import { lintTemplates, type TemplateOptions } from './templates/lint-templates.js';

export interface LintOptions extends Pick<LintExpositionOptions, 'objective' | 'names' | 'flagger'> {
  /** A file with an earlier exposition of the same process. */
  readonly before?: string;
  readonly templates: TemplateOptions;
  /** Seconds between the two reads of an address; 0 for one read. */
  readonly againSeconds: number;
  readonly timeoutSeconds: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Hears what is being waited for. */
  onWait(what: string): void;
}

/** What was found in one source. */
export interface Linted {
  /** The file, the address, or `-`. */
  readonly source: string;
  readonly kind: 'exposition' | 'template';
  readonly findings: readonly Finding[];
}

/** Lints files, addresses and stdin (`-`), templates and expositions alike. Throws `AnalysisError` for what cannot be read. */
export async function lint(sources: readonly string[], options: LintOptions): Promise<readonly Linted[]> {
  if (options.before !== undefined && sources.length > 1) {
    throw new AnalysisError('--before is an earlier read of one source, and there are several');
  }
  const before = options.before === undefined ? undefined : await textFrom(options.before);
  const isAddress = (source: string): boolean => /^https?:\/\//i.test(source);
  const files = await Promise.all(
    sources.filter((source) => !isAddress(source)).map(async (file) => ({ file, text: await textFrom(file) })),
  );
  const templates = files.filter(({ text }) => isManifest(text));
  const linted = templates.length === 0 ? [] : [...bySource(templates, lintTemplates(templates, options.templates))];
  for (const { file, text } of files.filter((each) => !templates.includes(each))) {
    const findings = lintExposition(text, { ...common(options), ...(before === undefined ? {} : { before }) });
    linted.push({ source: file, kind: 'exposition', findings });
  }
  for (const address of sources.filter(isAddress)) linted.push(...(await lintAddress(address, options, before)));
  return linted;
}

/** An address is read as text, as OpenMetrics, and as text again. */
async function lintAddress(
  address: string,
  options: LintOptions,
  given: string | undefined,
): Promise<readonly Linted[]> {
  const { againSeconds } = options;
  const first = await read('text');
  const second = await read('openmetrics');
  if (againSeconds > 0 && given === undefined) {
    if (againSeconds >= 1) options.onWait(`${address} is read again in ${againSeconds} s`);
    await delay(1000 * againSeconds);
  }
  const isReadAgain = againSeconds > 0 && given === undefined;
  const last = isReadAgain ? await read('text') : first;
  const before = isReadAgain ? first.text : given;
  const { text, ...type } = last;
  const findings = lintExposition(text, { ...common(options), ...type, ...(before === undefined ? {} : { before }) });
  const linted: Linted = { source: address, kind: 'exposition', findings };
  // A server without a choice of formats, or without this one, has answered what is linted already.
  if (!isOpenMetrics(second) || isOpenMetrics(first)) return [linted];
  const source = `${address} (OpenMetrics)`;
  return [
    linted,
    { source, kind: 'exposition', findings: lintOpenMetrics(second, isReadAgain ? [first.text, text] : [text]) },
  ];

  async function read(format: 'text' | 'openmetrics'): ReturnType<typeof fetchExposition> {
    const { timeoutSeconds, headers } = options;
    const slow = setTimeout(() => options.onWait(`waiting for ${address}, ${timeoutSeconds} s at most`), 1000);
    try {
      return await fetchExposition(address, { format, timeoutSeconds, headers });
    } finally {
      clearTimeout(slow);
    }
  }
}

function common({ objective, names, flagger }: LintOptions): LintExpositionOptions {
  return {
    ...(objective === undefined ? {} : { objective }),
    ...(names === undefined ? {} : { names }),
    ...(flagger === undefined ? {} : { flagger }),
  };
}

function bySource(files: readonly SourceFile[], findings: readonly Finding[]): readonly Linted[] {
  return files.map(({ file }) => ({
    source: file,
    kind: 'template',
    findings: findings.filter((finding) => finding.file === file),
  }));
}

async function textFrom(source: string): Promise<string> {
  return source === '-' ? textOf(process.stdin) : contentsOf(source);
}
