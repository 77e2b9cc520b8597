/** A matcher of a label, with its value without quotes and escapes. */
export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** Whether a matcher accepts a value; `undefined` if its regular expression is not valid in JavaScript. */
export function letsThrough({ operator, value }: Matcher, actual: string): boolean | undefined {
  if (operator === '=') return actual === value;
  if (operator === '!=') return actual !== value;
  try {
    // The expression alone must be valid too: `a)(b` would only be valid within the parentheses.
    const { source } = new RegExp(value, 's');
    return new RegExp(`^(?:${source})$`, 's').test(actual) === (operator === '=~');
  } catch {
    return undefined;
  }
}

/** Returns a selector as PromQL. */
export function selectorText({ metric, matchers }: { metric: string; matchers: readonly Matcher[] }): string {
  const label = (name: string): string => (/^[a-zA-Z_]\w*$/.test(name) ? name : JSON.stringify(name));
  const written = matchers.map(({ label: name, operator, value }) => label(name) + operator + JSON.stringify(value));
  return `${metric}{${written.join(',')}}`;
}
