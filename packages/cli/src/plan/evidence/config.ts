import { showShare } from '../../controllers/shown.js';
import { renderManifests } from '../../manifests/manifest.js';
import type { Change, Plan } from '../result.js';
import { limitsOf } from './proposal.js';

/** Renders the proposal as a config file, with a reason at each number that the history changed. */
export function renderConfig({ from, to, release, replays, objectives, proposal }: Plan): string {
  const { options, changes } = proposal;
  const filled = {
    name: options.name,
    ...options,
    weights: options.weights ?? release.stages.map(({ weight }) => weight),
    ...limitsOf(proposal),
  };
  const why = new Map<string, string>();
  why.set(
    '',
    [
      `Proposed by coalmine plan from the history of ${day(from)} to ${day(to)}.`,
      ...(replays.falseAlarmRate === undefined
        ? []
        : [
            `With the options before, ${replays.rolledBack + replays.paused} of ${replays.judged} pods that were not a release would have been rolled back or paused.`,
          ]),
    ].join('\n'),
  );
  if (objectives.errorRatio !== undefined) {
    why.set('objective.errorRatio', `Today ${showShare(objectives.errorRatio)} of the requests fail.`);
  }
  if (objectives.overShare !== undefined) {
    why.set(
      'objective.overShare',
      `Today ${showShare(objectives.overShare)} of the requests take longer than their objective.`,
    );
  }
  for (const change of changes) {
    const before = why.get(change.option);
    if (change.to !== undefined)
      why.set(change.option, [...(before === undefined ? [] : [before]), reasonOf(change)].join('\n'));
  }
  return renderManifests([{ value: filled, why: Object.fromEntries(why) }]);
}

function reasonOf({ from, why }: Change): string {
  const text = `${why.slice(0, 1).toUpperCase()}${why.slice(1)}`;
  return `${text} (before: ${JSON.stringify(from)}).`;
}

function day(epochSeconds: number): string {
  return new Date(1000 * epochSeconds).toISOString().slice(0, 10);
}
