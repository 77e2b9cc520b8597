import { describe, expect, it } from 'vitest';
import { eventsOf, haltIn, otherReasonIn, type Said } from './canary-events.js';
import { type Fields, recordOf } from './record.js';

const said = (text: string, isWarning = true): Said => ({
  text,
  first: 0,
  last: 0,
  times: 1,
  isWarning,
  isCombined: false,
});

const CANARY = recordOf({ kind: 'Canary', metadata: { name: 'shop', namespace: 'prod' } });
const OF = { kind: 'Canary', name: 'shop', namespace: 'prod' };
const event = (fields: Fields) => recordOf({ kind: 'Event', involvedObject: OF, type: 'Warning', ...fields });
const at = (minute: number): string => `2026-01-20T14:0${minute}:00Z`;
const epoch = (minute: number): number => 1_768_917_600 + 60 * minute;

describe('the Events of a Canary', () => {
  it('are in the order of time, without the Events of others', () => {
    const events = eventsOf(CANARY, [
      event({ message: 'second', firstTimestamp: at(0), lastTimestamp: at(5), count: 3 }),
      event({ message: 'first', firstTimestamp: at(1), lastTimestamp: at(2), type: 'Normal' }),
      event({ message: 'a', involvedObject: { ...OF, name: 'cart' } }),
      event({ message: 'b', involvedObject: { ...OF, namespace: 'stage' } }),
      event({ message: 'c', involvedObject: { ...OF, kind: 'Deployment' } }),
      recordOf({ ...OF, kind: 'Pod', involvedObject: OF, message: 'd' }),
    ]);
    expect(events).toEqual([
      { ...said('first', false), first: epoch(1), last: epoch(2) },
      { ...said('second'), first: epoch(0), last: epoch(5), times: 3 },
    ]);
  });

  it('are read in the form of events.k8s.io, too', () => {
    const series = { count: 4, lastObservedTime: at(3) };
    const event = { kind: 'Event', regarding: OF, note: 'a', type: 'Warning', eventTime: at(1), series };
    expect(eventsOf(CANARY, [recordOf(event)])).toEqual([{ ...said('a'), first: epoch(1), last: epoch(3), times: 4 }]);
  });

  it('stand for one check if Kubernetes has combined several', () => {
    const message = '(combined from similar events): Halt shop.prod advancement errors 5.00 > 1';
    expect(eventsOf(CANARY, [event({ message, firstTimestamp: at(0), lastTimestamp: at(5), count: 9 })])).toEqual([
      { ...said('Halt shop.prod advancement errors 5.00 > 1'), first: epoch(5), last: epoch(5), isCombined: true },
    ]);
  });
});

describe('a failed check', () => {
  it.each<[text: string, halt: object]>([
    [
      'Halt shop.prod advancement errors 5.00 > 1',
      { metric: 'errors', phase: 'Failed', value: 5, message: '5.00 > 1' },
    ],
    [
      'Halt shop.prod advancement success rate 97.50% < 99%',
      { metric: 'request-success-rate', phase: 'Failed', value: 97.5, message: '97.50 < 99%' },
    ],
    [
      'Halt shop.prod advancement request duration 1.2s > 500ms',
      { metric: 'request-duration', phase: 'Failed', message: '1.2s > 500ms' },
    ],
    [
      'Halt advancement no values found for custom metric: errors: no values found',
      { metric: 'errors', phase: 'Inconclusive', message: 'no values found' },
    ],
    [
      'Halt advancement no values found for nginx metric request-success-rate probably shop.prod is not receiving traffic',
      { metric: 'request-success-rate', phase: 'Inconclusive', message: 'no values found' },
    ],
    [
      'Metric query failed for errors: request failed: connection refused',
      { metric: 'errors', phase: 'Error', message: 'request failed: connection refused' },
    ],
    ['Prometheus query failed for errors: timeout', { metric: 'errors', phase: 'Error', message: 'timeout' }],
  ])('is in %j', (text, halt) => {
    expect(haltIn(said(text))).toEqual({ ...halt, said: said(text) });
    expect(otherReasonIn(said(text))).toBeUndefined();
  });

  it.each([
    'Halt shop.prod advancement external check gate failed < 1',
    'Halt shop.prod advancement waiting for approval gate > 1',
    'Advance shop.prod canary weight 10',
    'New revision detected! Scaling up shop.prod',
  ])('is not in %j', (text) => {
    expect(haltIn(said(text))).toBeUndefined();
  });
});

describe('another reason', () => {
  it.each([
    [
      'Rolling back shop.prod progress deadline exceeded canary deployment shop.prod not ready: deployment "shop" exceeded its progress deadline',
      'its pods did not become ready in time: canary deployment shop.prod not ready: deployment "shop" exceeded its progress deadline',
      false,
    ],
    ['Rolling back shop.prod manual webhook invoked', 'a webhook of type rollback asked for the rollback', false],
    ['Halt shop.prod advancement external check gate failed status 500', 'the webhook gate failed: status 500', false],
    ['Halt shop.prod advancement waiting for promotion approval gate', 'the webhook gate has not approved', true],
    ['shop-primary.prod not ready: 0 of 2', 'the pods of the primary are not ready: 0 of 2', true],
    ['canary deployment shop.prod not ready: 1 of 2', 'its pods are not ready: 1 of 2', true],
    ['Metric template errors.prod not found', 'the MetricTemplate errors.prod cannot be used: not found', false],
    ['Something new went wrong', 'Flagger reports: Something new went wrong', true],
  ])('is in %j', (text, says, passes) => {
    expect(otherReasonIn(said(text))).toEqual({ says, passes });
  });

  it('is not in an Event that decides nothing, or is no warning', () => {
    expect(otherReasonIn(said('Rolling back shop.prod failed checks threshold reached 5'))).toBeUndefined();
    expect(otherReasonIn(said('Canary failed! Scaling down shop.prod'))).toBeUndefined();
    expect(otherReasonIn(said('Rollback check gate not approved'))).toBeUndefined();
    expect(otherReasonIn(said('Something new', false))).toBeUndefined();
  });
});
