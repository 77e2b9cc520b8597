import { leastShare, number, percent, quantile, type Tally } from '../../queries/evidence.js';
import { questionsOf } from '../../queries/queries.js';
import type { Question } from '../../queries/question.js';
import { seconds, seriesOf } from '../../queries/series.js';
import type { Release } from '../../release/release.js';
import { podsOf } from '../rules.js';
import { askByName } from '../verdict-rules.js';
import { type Bar, bars, lines, type Panel } from './panel.js';

/** Returns the label matchers of the pods of the release that a variable of the dashboard names. */
export function podsOfVariable(release: Release, variable: 'canary' | 'stable'): string {
  return podsOf(release, `${release.labels.hash}="$${variable}"`);
}

/** Returns the panel with the current measurement of each question of the templates. */
export function measuredNow(release: Release): Panel {
  const sides = {
    canary: podsOfVariable(release, 'canary'),
    stable: podsOfVariable(release, 'stable'),
    isSwitched: release.strategy === 'blue-green',
  };
  const hashes = { canary: '$canary', stable: '$stable' };
  const recorded = (question: Question): Question =>
    release.recordingRules === undefined
      ? question
      : askByName(release, release.namespace, question, release.recordingRules === 'argo' ? hashes : undefined);
  const questions = questionsOf(release, sides).filter(({ name }) => name !== 'traffic');
  return bars(
    'What the analysis measures now',
    'Green is good, red rolls the release back, and orange is neither. A ratio is a multiple of the allowed share, so 1 is the limit.',
    questions.map(recorded).map(barOf),
    2,
  );
}

/** Returns the panels with the evidence so far, and the evidence that a verdict needs. */
export function evidenceSoFar(release: Release): readonly Panel[] {
  const { analysis, objective } = release;
  const window = seconds(analysis.windowSeconds);
  const canary = seriesOf(release, podsOfVariable(release, 'canary'));
  const stable = seriesOf(release, podsOfVariable(release, 'stable'));
  const z = quantile(analysis.confidence);
  const share = ({ bad, all }: Tally): string => `${bad}\n/ (${all} > 0)`;
  const shares = (title: string, ofCanary: Tally, ofStable: Tally, allowed: number): Panel =>
    lines({
      title,
      description: `The canary is rolled back if the proven share (${percent(analysis.confidence)} sure) is above the line, not if the measured share is. Stable may raise the line: faults of both sides do not count against the canary.`,
      unit: 'percentunit',
      bound: allowed,
      queries: [
        { expr: share(ofCanary), legend: 'measured, canary' },
        { expr: `${leastShare(ofCanary, z)}\nand ${ofCanary.all} > 0`, legend: 'proven, canary' },
        { expr: share(ofStable), legend: 'measured, stable' },
      ],
    });
  return [
    lines({
      title: `Requests of the canary in ${window}`,
      description: `The line is at the ${number(analysis.minRequests)} requests that a judgement needs.`,
      unit: 'short',
      bound: analysis.minRequests,
      isNeeded: true,
      queries: [{ expr: canary.errors.all, legend: 'canary' }],
    }),
    shares(`Failed requests in ${window}`, canary.errors, stable.errors, objective.errorRatio),
    shares(`Requests over the objective in ${window}`, canary.slowness, stable.slowness, objective.overShare),
  ];
}

// Grafana gives a value that equals a threshold the colour above it.
const ABOVE = 1e-6;

function barOf({ name, query, good, badAbove }: Question): Bar {
  const bar = { expr: query, legend: name };
  if ('least' in good) return { ...bar, below: 'orange', steps: [[good.least, 'green']] };
  const doubtful: Bar['steps'] = badAbove === undefined || badAbove > good.most ? [[good.most + ABOVE, 'orange']] : [];
  const bad: Bar['steps'] = badAbove === undefined ? [] : [[badAbove + ABOVE, 'red']];
  return { ...bar, below: 'green', steps: [...doubtful, ...bad] };
}
