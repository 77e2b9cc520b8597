import { nanoseconds } from '../go/duration.js';
import { instantIn } from '../go/time.js';
import { NotKnownHereError } from '../not-known-here.js';
import { type Builtin, byTypes, demandText, taking } from './signature.js';
import { Duration, Instant } from './value.js';

// expr-lang takes the first of these that fits. Its other layouts have names of days, months and zones.
const LAYOUTS = ['2006-01-02', '15:04:05', '2006-01-02 15:04:05', '2006-01-02T15:04:05Z07:00'];
const HAS_NAMES = /\p{L}{2}/u;

/** The functions of expr-lang for times. */
export const DATES: Readonly<Record<string, Builtin>> = {
  now: byTypes(
    (args) => (args.length === 0 ? 'time' : undefined),
    (_, { now }) => new Instant(now),
  ),
  duration: taking(['string'], 'duration', ([text]) => new Duration(BigInt(Math.trunc(nanoseconds(demandText(text)))))),
  date: byTypes(
    (args) => (args.length >= 1 && args.length <= 3 ? 'time' : undefined),
    ([text, layout, zone]) => {
      // The zone has no effect if it is Go's default.
      if (zone !== undefined && !['UTC', ''].includes(demandText(zone)))
        throw new NotKnownHereError(`the time zone ${zone}`);
      return new Instant(
        layout === undefined ? dateOf(demandText(text)) : instantIn(demandText(text), demandText(layout)),
      );
    },
  ),
};

function dateOf(text: string): bigint {
  for (const layout of LAYOUTS) {
    try {
      return instantIn(text, layout);
    } catch {
      // The next layout may fit.
    }
  }
  if (HAS_NAMES.test(text)) throw new NotKnownHereError(`the names in the date ${text}`);
  throw new Error(`invalid date ${text}`);
}
