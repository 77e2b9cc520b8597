import { NotKnownHereError } from '../not-known-here.js';

const PARTS: Readonly<Record<string, string>> = {
  '2006': '(?<year>\\d{4})',
  '01': '(?<month>\\d\\d)',
  '02': '(?<day>\\d\\d)',
  // One digit, if no other digit follows.
  '15': '(?<hour>\\d\\d|\\d(?!\\d))',
  '04': '(?<minute>\\d\\d)',
  '05': '(?<second>\\d\\d)(?:[.,](?<fraction>\\d+)(?!\\d))?',
  'Z07:00': '(?:Z|(?<sign>[+-])(?<zoneHour>\\d\\d):(?<zoneMinute>\\d\\d))',
  ' ': '(?: +|$)',
};
// Any other layout may have a part that Go knows.
const LAYOUT = /^(?:2006|01|02|15|04|05|Z07:00|[-:/., T])+$/;

/**
 * Returns the time of a text that follows a layout of Go, in nanoseconds since the epoch. A part that the layout leaves
 * out is the first of its kind, in the year 0. Throws for a text that does not follow the layout, and
 * `NotKnownHereError` for a layout with parts other than numbers.
 */
export function instantIn(text: string, layout: string): bigint {
  if (!LAYOUT.test(layout) || /05[.,]/.test(layout) || hasDouble(layout)) {
    throw new NotKnownHereError(`the layout ${layout} of a time`);
  }
  const pattern = layout.replace(/2006|01|02|15|04|05|Z07:00|[./ ]/g, (part) => PARTS[part] ?? `\\${part}`);
  const { groups } = new RegExp(`^${pattern}$`).exec(text) ?? {};
  if (groups === undefined) throw new Error(`${JSON.stringify(text)} is not written as ${layout}`);
  const { sign, fraction = '' } = groups;
  const part = (name: string, least: number, most: number, missing = least): number => {
    const value = Number(groups[name] ?? missing);
    if (value < least || value > most) throw new Error(`the ${name} of ${JSON.stringify(text)} is out of range`);
    return value;
  };
  const [year, month] = [part('year', 0, 9999), part('month', 1, 12)];
  const date = new Date(0).setUTCFullYear(year, month - 1, part('day', 1, daysIn(year, month)));
  const time = (part('hour', 0, 23) * 60 + part('minute', 0, 59)) * 60 + part('second', 0, 59);
  const zone = (part('zoneHour', 0, 24) * 60 + part('zoneMinute', 0, 60)) * 60;
  const seconds = BigInt(date / 1000) + BigInt(time - (sign === '-' ? -zone : zone));
  return seconds * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

function daysIn(year: number, month: number): number {
  return new Date(new Date(0).setUTCFullYear(year, month, 0)).getUTCDate();
}

/** Whether a layout has a part twice; Go takes the last. */
function hasDouble(layout: string): boolean {
  const parts = layout.match(/2006|01|02|15|04|05|Z07:00/g) ?? [];
  return new Set(parts).size < parts.length;
}
