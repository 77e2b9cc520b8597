// Syntax that is not YAML, and that only Helm fills in. Flagger also has Go templates, but none of these names.
const CHART =
  /\{\{[^}]*?(?:\.(?:Values|Release|Chart|Capabilities|Files|Template|Subcharts)\b|\b(?:include|tpl|toYaml|nindent|required|lookup)\b|["'`]\{\{)/;
const ACTION = /(?:^|:)\s+\{\{(?!\s*args\.)|^\{\{/m;

/**
 * Returns where a text shows that it is the source of a chart, which must be rendered first; `undefined` if it is not.
 */
export function chartOffset(text: string, isYaml: boolean): number | undefined {
  const found = CHART.exec(text) ?? (isYaml ? null : ACTION.exec(text));
  return found === null ? undefined : found.index + found[0].indexOf('{{');
}
