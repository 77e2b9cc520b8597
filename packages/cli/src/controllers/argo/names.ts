/** Whether a rule of `dryRun` or `measurementRetention` is for a metric: its name is a regular expression of Go, of a part. */
export function isRuleFor(pattern: string, metric: string): boolean {
  const [, flags = '', rest = pattern] = /^\(\?([imsU]+)\)(.*)$/s.exec(pattern) ?? [];
  // What only JavaScript has is no rule to Go, and one that is none matches nothing.
  if (/\(\?<?[=!]|\\[1-9]/.test(rest)) return false;
  try {
    return new RegExp(rest.replaceAll('(?P<', '(?<'), flags.replace(/[^ims]/g, '')).test(metric);
  } catch {
    return false;
  }
}
