import { setTimeout as delay } from 'node:timers/promises';
import { startsAsAddress, withoutCredentials } from '../address.js';
import { AnalysisError } from '../analysis-error.js';
import { type Contents, readContents } from '../contents.js';
import { isManifest, type SourceFile } from '../controllers/objects.js';
import { gatherFiles, type PassedOver } from '../files/gather.js';
import { createSourceFinding } from './create-finding.js';
import { checkEncoding } from './exposition/encoding.js';
import { fetchExposition, isOpenMetrics } from './exposition/fetch-exposition.js';
import { type LintExpositionOptions, lintExposition, lintOpenMetrics } from './exposition/lint-exposition.js';
import { type Finding, sortByLine } from './finding.js';
import { type Foreign, findUnlintedKinds, foreignIn } from './foreign.js';
import { type IgnoreList, type Suppressed, suppressByComments, suppressByList } from './suppress.js';
import { lintTemplates, type TemplateOptions } from './templates/lint-templates.js';

export interface LintOptions extends Pick<LintExpositionOptions, 'objective' | 'names' | 'flagger'> {
  /** A file with an earlier exposition of the same process. */
  readonly before?: string;
  readonly templates: TemplateOptions;
  /** Seconds between the two reads of an address; 0 for one read. */
  readonly againSeconds: number;
  readonly timeoutSeconds: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The findings to suppress. */
  readonly ignore: IgnoreList;
  /** Called with what the command waits for. */
  onWait(what: string): void;
}

/** The findings in one source. */
export interface Linted {
  /** The file, the address without its credentials, or `-`. */
  readonly source: string;
  readonly kind: 'exposition' | 'template' | 'other' | 'config';
  readonly findings: readonly Finding[];
  /** Suppressed findings, with their reasons. */
  readonly suppressed: readonly Suppressed[];
  readonly text: string;
}

/** The findings in all sources. */
export interface LintResult {
  readonly sources: readonly Linted[];
  /** Files and folders that were named or found, and not linted. */
  readonly passedOver: readonly PassedOver[];
}

/** A source before suppression. */
type Read = Omit<Linted, 'suppressed'>;

/**
 * Lints files, folders, patterns, addresses and stdin (`-`), both templates and expositions. Rejects with
 * `AnalysisError` for a source that cannot be read.
 */
export async function lint(named: readonly string[], options: LintOptions): Promise<LintResult> {
  const addresses = [...new Set(named.filter(startsAsAddress))];
  const gathered = await gatherFiles(named.filter((source) => !startsAsAddress(source)));
  if (options.before !== undefined && gathered.files.length + addresses.length > 1) {
    throw new AnalysisError('--before is an earlier read of one source, but several sources are given');
  }
  const before = options.before === undefined ? undefined : (await readContents(options.before)).text;
  const passedOver = [...gathered.passedOver];
  const templates: FileContents[] = [];
  const read: Read[] = [];
  for (const { path, isFound } of gathered.files) {
    const file = { file: path, ...(await readContents(path)) };
    if (path === '-' && file.text.trim() === '')
      throw new AnalysisError('stdin is empty: the command before the pipe wrote nothing');
    if (isManifest(file.text)) {
      if (isFound && findUnlintedKinds(file.text).length > 0) {
        passedOver.push({ source: path, reason: 'has no object that is linted' });
      } else templates.push(file);
    } else if (isFound) passedOver.push({ source: path, reason: 'has no Kubernetes object' });
    else {
      const foreign = foreignIn(file);
      read.push(foreign === undefined ? expositionSource(file, options, before) : foreignSource(file, foreign));
    }
  }
  const linted = [...templateSources(templates, options.templates), ...read];
  for (const address of addresses) linted.push(...(await lintAddress(address, options, before)));
  const commented = linted.map((source): Linted => ({ ...source, ...suppressByComments(source) }));
  const { sources, problems } = suppressByList(commented, options.ignore);
  const ofList: readonly Linted[] =
    problems.length === 0
      ? []
      : [{ source: options.ignore.source, kind: 'config', findings: problems, suppressed: [], text: '' }];
  return { sources: [...sources, ...ofList], passedOver };
}

interface FileContents extends SourceFile, Contents {}

function templateSources(files: readonly FileContents[], options: TemplateOptions): readonly Read[] {
  const findings = files.length === 0 ? [] : lintTemplates(files, options);
  return files.map(({ file, text, notUtf8: [bad] }) => {
    const kinds = findUnlintedKinds(text);
    const own = [
      ...(bad === undefined
        ? []
        : [
            createSourceFinding('not-utf8', bad.line, `The byte ${bad.byte} is not UTF-8, so kubectl refuses the file`),
          ]),
      ...(kinds.length === 0
        ? []
        : [createSourceFinding('not-linted', 1, `The file has ${joinWithAnd(kinds)}, which is not linted`)]),
      ...findings.filter((finding) => finding.file === file),
    ];
    return { source: file, kind: 'template', text, findings: own };
  });
}

function foreignSource({ file, text }: FileContents, { what, repair }: Foreign): Read {
  const finding = createSourceFinding('not-linted', 1, `The file is ${what}, which is not linted`, repair);
  return { source: file, kind: 'other', text, findings: [finding] };
}

function expositionSource(contents: FileContents, options: LintOptions, before: string | undefined): Read {
  const { file, text } = contents;
  const findings = lintExposition(text, { ...common(options), ...(before === undefined ? {} : { before }) });
  return { source: file, kind: 'exposition', text, findings: sortByLine([...checkEncoding(contents), ...findings]) };
}

/** Lints an address: it is read as text, as OpenMetrics, and as text again. */
async function lintAddress(address: string, options: LintOptions, given: string | undefined): Promise<readonly Read[]> {
  const { againSeconds } = options;
  const shown = withoutCredentials(address);
  const first = await read('text');
  const second = await read('openmetrics');
  if (againSeconds > 0 && given === undefined) {
    if (againSeconds >= 1) options.onWait(`${shown} is read again in ${againSeconds} s`);
    await delay(1000 * againSeconds);
  }
  const isReadAgain = againSeconds > 0 && given === undefined;
  const last = isReadAgain ? await read('text') : first;
  const before = isReadAgain ? first.text : given;
  const { text, contentType } = last;
  const findings = lintExposition(text, {
    ...common(options),
    ...(contentType === undefined ? {} : { contentType }),
    ...(before === undefined ? {} : { before }),
  });
  const linted: Read = {
    source: shown,
    kind: 'exposition',
    text,
    findings: sortByLine([...checkEncoding(last), ...findings]),
  };
  // A server without a choice of formats, or without this one, has sent what is linted already.
  if (!isOpenMetrics(second) || isOpenMetrics(first)) return [linted];
  const ofOpenMetrics = lintOpenMetrics(second, isReadAgain ? [first.text, text] : [text]);
  return [
    linted,
    {
      source: `${shown} (OpenMetrics)`,
      kind: 'exposition',
      text: second.text,
      findings: sortByLine([...checkEncoding(second), ...ofOpenMetrics]),
    },
  ];

  async function read(format: 'text' | 'openmetrics'): ReturnType<typeof fetchExposition> {
    const { timeoutSeconds, headers } = options;
    const slow = setTimeout(() => options.onWait(`waiting for ${shown}, ${timeoutSeconds} s at most`), 1000);
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

function joinWithAnd(kinds: readonly string[]): string {
  return kinds.length < 2 ? kinds.join('') : `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)}`;
}
