import { showCount, showShare, showTime } from '../../controllers/shown.js';
import { escapeHtml } from '../../report/escaped.js';
import { pageOf } from '../../report/html.js';
import { limitsOf } from '../evidence/proposal.js';
import type { Plan } from '../result.js';
import { evidencePicture, latencyPicture, timelinePicture, trafficPicture } from './pictures.js';
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

/** Renders a plan as one self-contained page: without scripts, fonts or network access. */
export function renderPlanAsHtml(plan: Plan, config: string): string {
  const { release, from, to, proposal } = plan;
  const title = `plan: ${release.namespace}/${release.name}`;
  const weights = release.stages.map(({ weight }) => weight).join(', ');
  return pageOf(
    title,
    `<header>
<h1>${escapeHtml(`${release.namespace}/${release.name}`)}</h1>
<p>${escapeHtml(`${release.controller === 'argo' ? 'Argo Rollouts' : 'Flagger'}: ${weights} %, ${showRoughSpan(release.seconds)} in all`)}</p>
<p class="quiet">${showTime(from)} to ${showTime(to)}. ${escapeHtml(loadSentence(plan))}</p>
</header>
${alarmsSection(plan)}
${pastSection(plan)}
${evidenceSection(plan)}
${objectivesSection(plan)}
<h2>Proposal</h2>
${
  proposal.changes.length === 0
    ? `<p>${unchangedSentence(plan)}</p>`
    : table(
        ['option', 'now', 'then', 'because'],
        proposal.changes.map(({ option, from: before, to: after, why }) => [
          option,
          valueText(before),
          valueText(after),
          why,
        ]),
      )
}
${bulletsOf(proposal.advice)}
<details><summary>coalmine.config.yaml</summary><pre>${escapeHtml(config)}</pre></details>`,
    STYLE,
  );
}

function alarmsSection(plan: Plan): string {
  const { replays } = plan;
  const alarms = replays.pods.filter(({ verdict }) => verdict !== 'promote');
  return `<h2>False alarms</h2>
<p>${escapeHtml(alarmSentence(replays))}</p>
<p class="quiet">${escapeHtml(standInSentence(replays) ?? '')}</p>
${timelinePicture(plan)}
<p class="quiet">A circle would have been promoted, a triangle rolled back, a diamond paused.</p>
${
  replays.byMetric.length === 0
    ? ''
    : table(
        ['metric', 'would have', 'pods'],
        replays.byMetric.map(({ metric, verdict, count: many }) => [metric, verdictOf({ verdict }), String(many)]),
      )
}
${
  replays.byRoute.length === 0
    ? ''
    : table(
        ['worst route', 'pods'],
        replays.byRoute.map(({ route, count: many }) => [route, String(many)]),
      )
}
${
  alarms.length === 0
    ? ''
    : `<details><summary>${alarms.length} pods with an alarm</summary>${table(
        ['began', 'pod', 'would be', 'metric', 'why'],
        alarms.map((each) => [showTime(each.startedAt), each.pod, verdictOf(each), each.metric ?? '', each.why]),
      )}</details>`
}
${
  replays.notReplayed.length === 0
    ? ''
    : table(
        ['not replayed', 'because'],
        replays.notReplayed.map(({ what, why }) => [what, why]),
      )
}`;
}

function pastSection({ past, replays }: Plan): string {
  if (past.length === 0) return `<h2>Past releases</h2>\n<p>${noReleaseSentence(replays)}</p>`;
  const why = past.flatMap((each) => [
    ...(each.verdict === 'promote' ? [] : [`${each.hash}: ${each.why}`]),
    ...each.notes.map((note) => `${each.hash}: ${note}`),
  ]);
  return `<h2>Past releases</h2>
${table(PAST_COLUMNS, past.map(pastCells))}
${bulletsOf(why)}`;
}

function evidenceSection(plan: Plan): string {
  const { evidence } = plan;
  if (evidence.traffic.length === 0)
    return '<h2>What a step can prove</h2>\n<p>Nothing: the history has no requests.</p>';
  const { errorRatio } = limitsOf(plan.proposal).objective;
  const said = evidence.traffic.map(({ time, when, perSecond }) => `${time} ${rate(perSecond)} (${when})`).join(', ');
  return `<h2>What a step can prove</h2>
<p>Requests a second of the service: ${escapeHtml(said)}.</p>
${trafficPicture(evidence)}
${evidencePicture(evidence, errorRatio)}
${table(STEP_COLUMNS, stepRows(plan), STEP_CAPTION)}
${
  evidence.rareRoutes.length === 0
    ? ''
    : `<p>No step can judge these routes, ${showShare(1 - evidence.judgedShare)} of the requests:</p>
${table(
  ['route', 'requests an hour', 'needed'],
  evidence.rareRoutes.map(({ route, perHour, neededPerHour }) => [route, showCount(perHour), showCount(neededPerHour)]),
)}`
}`;
}

function objectivesSection({ objectives, proposal }: Plan): string {
  const shown = selectLatencies(objectives);
  const { overShare } = limitsOf(proposal).objective;
  return `<h2>How the service performs today</h2>
<p>${escapeHtml(todaySentence(objectives))}</p>
${objectives.latencies.length === 0 ? '' : latencyPicture(objectives, overShare)}
${objectives.requests === 0 ? '' : table(routeColumns(objectives, shown), routeRows(objectives, shown, objectives.routes.length))}
${bulletsOf(objectives.notes)}`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[], caption?: string): string {
  const cells = (tag: 'td' | 'th', texts: readonly string[]): string =>
    texts.map((text) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}>${escapeHtml(text)}</${tag}>`).join('');
  return `<table>
${caption === undefined ? '' : `<caption>${escapeHtml(caption)}</caption>`}
<thead><tr>${cells('th', columns)}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}
</tbody>
</table>`;
}

function bulletsOf(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `<ul>\n${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('\n')}\n</ul>`;
}

const STYLE = `
.mark{stroke:none}.mark.promote,.mark.busy{fill:var(--good)}.mark.rollback,.mark.night{fill:var(--bad)}.mark.pause,.mark.median{fill:var(--doubt)}
.path.busy{stroke:var(--good)}.path.night{stroke:var(--bad)}.path.median{stroke:var(--doubt)}.bar{fill:var(--mark)}
`;
