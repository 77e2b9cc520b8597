// What is no text of YAML, and what only Helm fills in. Flagger has Go templates too, and none of these names.
const CHART =
  /\{\{[^}]*?(?:\.(?:Values|Release|Chart|Capabilities|Files|Template|Subcharts)\b|\b(?:include|tpl|toYaml|nindent|required|lookup)\b|["'`]\{\{)/;
const ACTION = /(?:^|:)\s+\{\{(?!\s*args\.)|^\{\{/m;

/** Where a text is the source of a chart that has to be rendered before it is a manifest; `undefined` where it is none. */
export function chartOffset(text: string, isYaml: boolean): number | undefined {
  const found = CHART.exec(text) ?? (isYaml ? null : ACTION.exec(text));
  return found === null ? undefined : found.index + found[0].indexOf('{{');
}
