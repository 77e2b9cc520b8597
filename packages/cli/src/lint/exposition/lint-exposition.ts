import { type NameMap, type ObjectiveOptions, parseNames, parseObjective } from '@coalmine/metrics';
import { objectOption } from '@coalmine/options';
import { type Finding, sortByLine } from '../finding.js';
import { checkDurations, checkObjective } from './check-durations.js';
import { checkFamilies } from './check-families.js';
import { checkLabels } from './check-labels.js';
import { checkNames } from './check-names.js';
import { checkRequests } from './check-requests.js';
import { compareFormats, compareReads } from './compare-reads.js';
import { type Parsed, parseExposition } from './parse-exposition.js';
import { checkContentType, formatOf, type Read } from './read.js';
import { trafficIn } from './traffic.js';

export interface LintExpositionOptions {
  /** The objective of the service. @defaultValue the objective that the app exposes, otherwise 0.5 s */
  readonly objective?: ObjectiveOptions;
  /** The names that the app gives to its series, as in the options of the app. */
  readonly names?: NameMap;
  /** The `Content-Type` of the exposition. @defaultValue none: the text shows its format */
  readonly contentType?: string;
  /** An earlier exposition of the same process. */
  readonly before?: string;
  /** Whether Flagger's built-in checks will query the series. @defaultValue `false` */
  readonly flagger?: boolean;
}

/**
 * Reads an exposition of any library, and returns the faults that would mislead a canary controller, in the order of lines.
 * Throws `CoalmineError` for an option that cannot be used; never because of the exposition.
 */
export function lintExposition(text: string, options: LintExpositionOptions = {}): readonly Finding[] {
  const {
    objective,
    names: given,
    contentType,
    before,
    flagger = false,
  } = objectOption('options', options, ['objective', 'names', 'contentType', 'before', 'flagger']);
  const names = parseNames(given);
  const read = (of: string): Read => ({ text: of, ...(contentType === undefined ? {} : { contentType }) });
  const exposition = parseRead(read(text));
  const traffic = trafficIn(exposition, names);
  const latency = traffic.objective;
  const ofApp = latency === undefined ? undefined : { latency, patience: 4 * latency };
  return sortByLine([
    ...checkContentType(read(text)),
    ...checkFormat(exposition),
    ...checkNames(traffic, { names, isForFlagger: flagger }),
    ...checkRequests(traffic),
    ...checkDurations(traffic, parseObjective(objective, ofApp)),
    ...(objective?.latency === undefined ? [] : checkObjective(traffic, objective.latency)),
    ...checkLabels(exposition, traffic),
    ...(before === undefined ? [] : compareReads(parseRead(read(before)), exposition)),
  ]);
}

/** Returns what is wrong with the OpenMetrics of an address: its syntax, and names that differ from the text format. */
export function lintOpenMetrics(read: Read, texts: readonly string[]): readonly Finding[] {
  const exposition = parseRead(read);
  return sortByLine([
    ...checkContentType(read),
    ...checkFormat(exposition),
    ...compareFormats(
      texts.map((text) => parseExposition(text, 'text')),
      exposition,
    ),
  ]);
}

function parseRead(read: Read): Parsed {
  return parseExposition(read.text, formatOf(read));
}

function checkFormat(exposition: Parsed): readonly Finding[] {
  return [...exposition.findings, ...checkFamilies(exposition)];
}
