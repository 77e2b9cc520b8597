import type { Phase } from '../controllers/verdict.js';
import { fieldsIn, numberIn, type RecordedObject, secondsIn, textIn } from './record.js';

/** The text of Flagger about a Canary in one Event, which may stand for several equal ones. */
export interface Said {
  readonly text: string;
  readonly first: number;
  readonly last: number;
  readonly times: number;
  /** Whether Flagger warned. */
  readonly isWarning: boolean;
  /** Whether Kubernetes has combined other texts into the Event: it keeps the last text, and counts all of them. */
  readonly isCombined: boolean;
}

/** A failed check, as an Event reports it. */
export interface Halt {
  readonly metric: string;
  readonly phase: Phase;
  readonly value?: number;
  readonly message: string;
  readonly said: Said;
}

/** Returns the texts about a Canary, in the order of time. */
export function eventsOf({ metadata }: RecordedObject, all: readonly RecordedObject[]): readonly Said[] {
  return all
    .filter(({ kind, fields }) => {
      if (kind !== 'Event') return false;
      // core/v1 says involvedObject, events.k8s.io/v1 says regarding.
      const { involvedObject, regarding } = fields;
      const of = fieldsIn({ of: involvedObject ?? regarding }, 'of');
      return (
        textIn(of, 'kind') === 'Canary' &&
        textIn(of, 'name') === textIn(metadata, 'name') &&
        textIn(of, 'namespace') === textIn(metadata, 'namespace')
      );
    })
    .map(({ fields, metadata: own }): Said => {
      const series = fieldsIn(fields, 'series');
      const made = secondsIn(fields, 'eventTime') ?? secondsIn(own, 'creationTimestamp') ?? 0;
      const first = secondsIn(fields, 'firstTimestamp') ?? secondsIn(fields, 'deprecatedFirstTimestamp') ?? made;
      const last =
        secondsIn(fields, 'lastTimestamp') ??
        secondsIn(fields, 'deprecatedLastTimestamp') ??
        secondsIn(series, 'lastObservedTime') ??
        first;
      const message = textIn(fields, 'message') ?? textIn(fields, 'note') ?? '';
      const text = message.replace(COMBINED, '');
      const isCombined = text !== message;
      const times = numberIn(fields, 'count') ?? numberIn(fields, 'deprecatedCount') ?? numberIn(series, 'count') ?? 1;
      return {
        text,
        first: isCombined ? last : first,
        last,
        times: isCombined ? 1 : times,
        isWarning: textIn(fields, 'type') === 'Warning',
        isCombined,
      };
    })
    .sort((a, b) => a.last - b.last);
}

const COMBINED = /^\(combined from similar events\): /;

/** Returns the failed check that an Event reports; `undefined` for any other Event. */
export function haltIn(said: Said): Halt | undefined {
  const compared =
    /^Halt \S+ advancement (?!(?:external|pre-rollout) check |waiting for )(.+) (\S+?)%? ([<>]) (\S+)$/.exec(said.text);
  if (compared !== null) {
    const [, what = '', value = '', sign, bound] = compared;
    const metric = BUILT_IN[what] ?? what;
    // A duration has a unit, and is no number.
    const number = Number(value);
    return {
      metric,
      phase: 'Failed',
      ...(Number.isNaN(number) ? {} : { value: number }),
      message: `${value} ${sign} ${bound}`,
      said,
    };
  }
  const silent =
    /^Halt advancement no values found for (?:custom )?metric: ([^:\s]+)/.exec(said.text) ??
    /^Halt advancement no values found for \S+ metric (\S+) probably/.exec(said.text);
  if (silent !== null) {
    return { metric: silent[1] ?? '', phase: 'Inconclusive', message: 'no values found', said };
  }
  const failed =
    /^Metric query failed for ([^:]+): (.*)$/s.exec(said.text) ??
    /^Prometheus query failed for ([^:]+): (.*)$/s.exec(said.text);
  if (failed === null) return undefined;
  const [, metric = '', message = ''] = failed;
  return { metric, phase: 'Error', message, said };
}

const BUILT_IN: Readonly<Record<string, string>> = {
  'success rate': 'request-success-rate',
  'request duration': 'request-duration',
};

/**
 * Returns what was wrong if it does not concern a metric. `passes` is true of what is over as soon as there is a later
 * Event.
 */
export function otherReasonIn(said: Said): { readonly says: string; readonly passes: boolean } | undefined {
  const { text } = said;
  const rules: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
    [
      /^Rolling back \S+ progress deadline exceeded (.*)$/s,
      ([, why]) => `its pods did not become ready in time: ${why}`,
    ],
    [/^Rolling back \S+ manual webhook invoked$/, () => 'a webhook of type rollback asked for the rollback'],
    [
      /^Halt \S+ advancement (?:external|pre-rollout) check (\S+) failed (.*)$/s,
      ([, name, why]) => `the webhook ${name} failed: ${why}`,
    ],
    [
      /^Halt \S+ advancement waiting for (?:promotion |traffic increase )?approval (\S+)$/,
      ([, name]) => `the webhook ${name} has not approved`,
    ],
    [/^Prometheus query failed: (.*)$/s, ([, why]) => `a metric could not be measured: ${why}`],
    [
      /^(?:primary \S+ )?\S+-primary\.\S+ not ready: (.*)$/s,
      ([, why]) => `the pods of the primary are not ready: ${why}`,
    ],
    [/^(?:canary \S+ )?\S+ not ready(?: with retryable \w+)?: (.*)$/s, ([, why]) => `its pods are not ready: ${why}`],
    [/^Promotion of \S+ failed, primary not ready: (.*)$/s, ([, why]) => `the primary is not ready: ${why}`],
    [/^Metric template (\S+) (.*)$/s, ([, name, why]) => `the MetricTemplate ${name} cannot be used: ${why}`],
  ];
  for (const [pattern, says] of rules) {
    const found = pattern.exec(text);
    if (found !== null) return { says: says(found), passes: PASSES.test(text) };
  }
  if (!said.isWarning || haltIn(said) !== undefined || ENDS.test(text) || IDLE.test(text)) return undefined;
  return { says: `Flagger reports: ${text}`, passes: true };
}

const PASSES = /^(?!Rolling back ).*(?:not ready: |advancement waiting for )/s;
/** Warnings about which nothing is to be done. */
const IDLE =
  /^(?:A\/B testing is not supported|Progressive traffic is not supported|Setting canaryAnalysis\.|Rollback check )/;
/** Events at the end of a release that decide nothing. */
export const ENDS: RegExp = /^(?:Rolling back \S+ failed checks|Canary failed!|Post-rollout |skipping canary run)/;
