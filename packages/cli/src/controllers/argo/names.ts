/**
 * Whether a rule of `dryRun` or `measurementRetention` applies to a metric: its name is a regular expression of Go for
 * a part of the name.
 */
export function isRuleFor(pattern: string, metric: string): boolean {
  const [, flags = '', rest = pattern] = /^\(\?([imsU]+)\)(.*)$/s.exec(pattern) ?? [];
  // A pattern with syntax that only JavaScript has is not valid in Go, and matches nothing.
  if (/\(\?<?[=!]|\\[1-9]/.test(rest)) return false;
  try {
    return new RegExp(rest.replaceAll('(?P<', '(?<'), flags.replace(/[^ims]/g, '')).test(metric);
  } catch {
    return false;
  }
}
