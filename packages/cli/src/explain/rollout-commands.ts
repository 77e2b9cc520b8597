import type { Outcome } from './explanation.js';
import { fieldsIn, inNamespaceOf, listIn, type RecordedObject, secondsIn, textIn } from './record.js';

/** Returns the next commands, in order: for the release of a Rollout, and for the deciding run. */
export function rolloutCommands(
  outcome: Outcome,
  rollout: RecordedObject,
  run: RecordedObject | undefined,
): readonly string[] {
  const of = inNamespaceOf(rollout, textIn(rollout.metadata, 'name') ?? '');
  const again =
    run === undefined || !hasPrometheus(run) ? [] : [`See every measurement again: ${analyzeCommandFor(run)}`];
  if (outcome === 'rolled back') {
    return [
      ...again,
      `Release a fixed image. To try the same image again: kubectl argo rollouts retry rollout ${of}`,
      `The spec still names the image that failed: kubectl argo rollouts undo ${of}, or put the old image back in your repository.`,
    ];
  }
  if (outcome === 'paused') {
    return [...again, `To go on: kubectl argo rollouts promote ${of}. To give up: kubectl argo rollouts abort ${of}`];
  }
  return outcome === 'in progress' ? [`To watch: kubectl argo rollouts get rollout ${of} -w`] : [];
}

/** Whether `coalmine analyze` can measure a metric of a run. */
function hasPrometheus({ spec }: RecordedObject): boolean {
  return listIn(spec, 'metrics').some((metric) => Object.hasOwn(fieldsIn(metric, 'provider'), 'prometheus'));
}

function analyzeCommandFor({ spec, status, metadata }: RecordedObject): string {
  const args = listIn(spec, 'args').flatMap((arg) => {
    const value = textIn(arg, 'value');
    return value === undefined ? [] : [`-a ${quoteForShell(`${textIn(arg, 'name')}=${value}`)}`];
  });
  const from = secondsIn(status, 'startedAt') ?? secondsIn(metadata, 'creationTimestamp');
  const to = secondsIn(status, 'completedAt');
  const time = (option: string, at: number | undefined): readonly string[] =>
    at === undefined ? [] : [`${option} ${new Date(1000 * at).toISOString().replace('.000Z', 'Z')}`];
  return [
    'coalmine analyze -f <templates>',
    ...args,
    ...time('--from', from),
    ...time('--to', to),
    '--report report.html',
  ].join(' ');
}

function quoteForShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
