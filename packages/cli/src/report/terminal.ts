import type { Account, AnalysisResult, MetricResult, Trace } from '../analyze/result.js';
import { showNumber, showResult, showTime } from '../controllers/shown.js';
import type { Measurement, Phase, Verdict } from '../controllers/verdict.js';
import { ROUTE_COLUMNS, ROUTES_CAPTION, routeCells, verdictWordsOf } from './account.js';
import { sparkline } from './chart.js';
import { type Colour, painter } from './paint.js';
import { printableLine, printableTexts } from './printable.js';

export interface TerminalOptions {
  readonly colour: boolean;
  readonly unicode: boolean;
  /** The width in columns. */
  readonly width: number;
}

/** Returns what a stream can show, by its type and by the environment. */
export function terminalOf(stream: NodeJS.WriteStream): TerminalOptions {
  const { NO_COLOR = '', TERM = '', LC_ALL, LC_CTYPE, LANG } = process.env;
  const isTerminal = stream.isTTY === true;
  return {
    colour: isTerminal && NO_COLOR === '' && TERM !== 'dumb',
    // An empty variable counts as absent.
    unicode: !isTerminal || /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ''),
    width: stream.columns ?? 100,
  };
}

const VERDICT_COLOURS: Readonly<Record<Verdict, Colour>> = { promote: 'green', rollback: 'red', pause: 'yellow' };
const PHASE_COLOURS: Readonly<Record<Phase, Colour>> = {
  Successful: 'green',
  Running: 'blue',
  Inconclusive: 'yellow',
  Failed: 'red',
  Error: 'red',
};

const LISTED = 5;
const ROUTES = 10;

/** Renders an analysis for the terminal: the verdict and its reason, then metric by metric. */
export function renderTerminal(result: AnalysisResult, options: TerminalOptions): string {
  return renderLines(printableTexts(result), options);
}

function renderLines(result: AnalysisResult, options: TerminalOptions): string {
  const paint = painter(options.colour);
  const { verdict, message, startedAt, finishedAt, steps = [], account, notes = [], tracesNote } = result;
  const words = verdictWordsOf(result);
  const head = `${paint(VERDICT_COLOURS[verdict], paint('bold', verdict))}: ${words ?? message}`;
  const when = `${result.controller}, ${result.name}, ${showTime(startedAt)} to ${showTime(finishedAt)}`;
  const weights = steps.map(({ weight }) => weight);
  return [
    head,
    ...(words === undefined ? [] : [paint('dim', message)]),
    paint('dim', when),
    ...(tracesNote === undefined ? [] : [paint('dim', tracesNote)]),
    ...(weights.length === 0 ? [] : [paint('dim', `weight of the canary: ${weights.join(', ')} %`)]),
    ...notes.map((note) => `${paint('yellow', 'note')}: ${note}`),
    '',
    ...(account === undefined ? [] : accountLines(account, options)),
    ...result.metrics.flatMap((metric) => metricLines(metric, result, options)),
  ].join('\n');
}

/** Renders the routes of an account as a table, the worst first. */
export function accountLines({ routes, notes }: Account, { colour }: TerminalOptions): readonly string[] {
  const paint = painter(colour);
  const rows = routes.slice(0, ROUTES).map(routeCells);
  const table = [ROUTE_COLUMNS, ...rows];
  const widths = ROUTE_COLUMNS.map((_, i) => Math.max(...table.map((cells) => (cells[i] ?? '').length)));
  const lines = table.map((cells) =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`.trimEnd(),
  );
  const left = routes.length - rows.length;
  return [
    ...notes.map((note) => `${paint('yellow', 'note')}: ${note}`),
    ...(routes.length === 0 ? [] : [`${paint('bold', 'Routes')}, ${ROUTES_CAPTION}:`, ...lines]),
    ...(left > 0 ? [`  ... ${left} more`] : []),
    '',
  ];
}

/** Renders one measurement in a line, for `--watch`. */
export function renderMeasurement(
  { name }: Pick<MetricResult, 'name'>,
  measurement: Measurement,
  { colour }: TerminalOptions,
): string {
  const { at, phase, message } = measurement;
  const why = message === undefined ? '' : `: ${printableLine(message)}`;
  return `${showTime(at)}  ${printableLine(name)}  ${painter(colour)(PHASE_COLOURS[phase], phase)}  ${showResult(measurement)}${why}`;
}

function metricLines(
  metric: MetricResult,
  { controller }: AnalysisResult,
  options: TerminalOptions,
): readonly string[] {
  const paint = painter(options.colour);
  const { name, phase, measurements, message, words, dryRun, thresholds, limits, traces = [], tracesNote } = metric;
  const last = measurements.at(-1);
  const bounds = thresholds.map(({ good, bound }) => `good ${good} ${showNumber(bound)}`).join(', ');
  const chart = sparkline(metric, controller, { width: Math.max(10, options.width - 40), unicode: options.unicode });
  const used = limits.filter((limit) => limit.used > 0).map((limit) => `${limit.name} ${limit.used} of ${limit.limit}`);
  const odd = measurements.filter((measurement) => measurement.phase !== 'Successful');
  return [
    `${paint(PHASE_COLOURS[phase], phase.padEnd(12))} ${paint('bold', name)}${dryRun ? ' (dry run)' : ''}`,
    ...(words === undefined ? [] : [`  ${words}`]),
    `  ${chart}  ${last === undefined ? 'not measured' : `last ${showResult(last)}`}${bounds === '' ? '' : `, ${bounds}`}`,
    ...(used.length === 0 ? [] : [`  used: ${used.join(', ')}`]),
    ...(message === undefined || odd.at(-1)?.message === message ? [] : [`  ${message}`]),
    ...oddLines(odd).map((line) => paint('dim', `  ${line}`)),
    ...(tracesNote === undefined ? [] : [`  traces: ${tracesNote}`]),
    ...(traces.length === 0 ? [] : ['  traces of bad requests, newest first:', ...traces.map(traceLine)]),
    '',
  ];
}

/** Renders the measurements that did not succeed, without the middle if there are many. */
function oddLines(odd: readonly Measurement[]): readonly string[] {
  const line = (measurement: Measurement): string =>
    `${showTime(measurement.at)} ${measurement.phase}: ${showResult(measurement)}${measurement.message === undefined ? '' : `: ${measurement.message}`}`;
  if (odd.length <= 2 * LISTED) return odd.map(line);
  return [...odd.slice(0, LISTED).map(line), `... ${odd.length - 2 * LISTED} more`, ...odd.slice(-LISTED).map(line)];
}

function traceLine({ traceId, url, at, value, labels }: Trace): string {
  const which = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
  return `    ${[showTime(at), url ?? traceId, showNumber(value), ...which].join('  ')}`;
}
