/**
 * Returns a series that a controller exports about an object in a namespace. A scrape without
 * `honor_labels` puts its own namespace into the label, and the namespace of the object into `exported_namespace`.
 */
export function seriesOfController(namespace: string, metric: string, matchers: string, offset = ''): string {
  const kept = `${metric}{namespace="${namespace}",exported_namespace="",${matchers}}${offset}`;
  return `(${kept} or ${metric}{exported_namespace="${namespace}",${matchers}}${offset})`;
}
