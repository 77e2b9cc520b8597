/** Returns a number of requests as text: `1,204`. */
export function count(value = 0): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Returns a share with two digits: `6.1 %`. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

/** Returns a number with its noun: `1 request`, `2 requests`. */
export function plural(value: number, one: string, many: string): string {
  return `${count(value)} ${Math.round(value) === 1 ? one : many}`;
}

/** Returns seconds as text, in minutes if they are whole: `5 min`, `90 s`. */
export function duration(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
