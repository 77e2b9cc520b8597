import { showCount, showShare, showTime } from '../../controllers/shown.js';
import { type Colour, painter } from '../../report/paint.js';
import { printableTexts } from '../../report/printable.js';
import type { TerminalOptions } from '../../report/terminal.js';
import type { Judgement, Plan } from '../result.js';
import {
  alarmSentence,
  loadSentence,
  noReleaseSentence,
  PAST_COLUMNS,
  pastCells,
  rate,
  routeColumns,
  routeRows,
  STEP_CAPTION,
  STEP_COLUMNS,
  selectLatencies,
  showRoughSpan,
  standInSentence,
  stepRows,
  todaySentence,
  unchangedSentence,
  valueText,
  verdictOf,
} from './words.js';

const COLOURS: Readonly<Record<Judgement['verdict'], Colour>> = { promote: 'green', rollback: 'red', pause: 'yellow' };
const ROUTES = 10;
const ALARMS = 10;

/** Renders a plan for the terminal. */
export function renderPlan(plan: Plan, options: Pick<TerminalOptions, 'colour'>): string {
  return renderLines(printableTexts(plan), painter(options.colour));
}

function renderLines(plan: Plan, paint: (colour: Colour, text: string) => string): string {
  const { release, from, to, replays, past, evidence, objectives, proposal } = plan;
  const shown = selectLatencies(objectives);
  const alarms = replays.pods.filter(({ verdict }) => verdict !== 'promote');
  const heading = (text: string): string => paint('bold', text);
  const weights = release.stages.map(({ weight }) => weight).join(', ');
  return [
    `${heading(`${release.namespace}/${release.name}`)}, ${release.controller}: ${weights} %, ${showRoughSpan(release.seconds)} in all`,
    paint('dim', `${showTime(from)} to ${showTime(to)}. ${loadSentence(plan)}`),
    '',
    heading('False alarms'),
    `  ${alarmSentence(replays)}`,
    ...[standInSentence(replays)].flatMap((sentence) => (sentence === undefined ? [] : [`  ${sentence}`])),
    ...replays.byMetric.map(
      ({ metric, verdict, count: many }) =>
        `  ${paint(COLOURS[verdict], verdictOf({ verdict }))} by ${metric}: ${many}`,
    ),
    ...replays.byRoute.map(({ route, count: many }) => `  worst route ${route}: ${many}`),
    ...alarms
      .slice(0, ALARMS)
      .map((each) => paint('dim', `    ${showTime(each.startedAt)} ${each.pod}: ${each.metric ?? ''}: ${each.why}`)),
    ...(alarms.length > ALARMS ? [paint('dim', `    ... ${alarms.length - ALARMS} more`)] : []),
    ...replays.notReplayed.map(({ what, why }) => `  ${paint('yellow', 'not replayed')}: ${what}: ${why}`),
    '',
    heading('Past releases'),
    ...(past.length === 0 ? [`  ${noReleaseSentence(replays)}`] : table([PAST_COLUMNS, ...past.map(pastCells)])),
    ...past.flatMap((each) => [
      ...(each.verdict === 'promote'
        ? []
        : [`  ${each.hash}${each.route === undefined ? '' : `, worst route ${each.route}`}: ${each.why}`]),
      ...each.notes.map((note) => paint('dim', `  ${each.hash}: ${note}`)),
    ]),
    '',
    heading('What a step can prove'),
    ...(evidence.traffic.length === 0
      ? ['  Nothing: the history has no requests.']
      : [
          `  Requests per second of the service: ${evidence.traffic.map(({ time, when, perSecond }) => `${time} ${rate(perSecond)} (${when})`).join(', ')}`,
          ...table([STEP_COLUMNS, ...stepRows(plan)]),
          paint('dim', `  ${STEP_CAPTION}`),
        ]),
    ...(evidence.rareRoutes.length === 0
      ? []
      : [
          `  No step can judge these routes, ${showShare(1 - evidence.judgedShare)} of the requests:`,
          ...evidence.rareRoutes
            .slice(0, ROUTES)
            .map(
              ({ route, perHour, neededPerHour }) =>
                `    ${route}: ${showCount(perHour)} an hour, but ${showCount(neededPerHour)} are needed`,
            ),
          ...(evidence.rareRoutes.length > ROUTES ? [`    ... ${evidence.rareRoutes.length - ROUTES} more`] : []),
        ]),
    '',
    heading('How the service performs today'),
    `  ${todaySentence(objectives)}`,
    ...(objectives.requests === 0
      ? []
      : table([routeColumns(objectives, shown), ...routeRows(objectives, shown, ROUTES)])),
    ...objectives.notes.map((note) => `  ${paint('yellow', 'note')}: ${note}`),
    '',
    heading('Proposal'),
    ...(proposal.changes.length === 0 ? [`  ${unchangedSentence(plan)}`] : []),
    ...proposal.changes.map(
      ({ option, from: before, to: after, why }) =>
        `  ${option}: ${valueText(after)} (before: ${valueText(before)}), because ${why}`,
    ),
    ...proposal.advice.map((advice) => `  ${advice}`),
    '',
  ].join('\n');
}

/** Renders rows in columns, the first column to the left and the others to the right. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((cells) => (cells[i] ?? '').length)));
  return rows.map((cells) =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`.trimEnd(),
  );
}
