import { AnalysisError } from '../analysis-error.js';

/** What the template of a query can ask for. */
export interface TemplateModel {
  readonly name: string;
  readonly namespace: string;
  readonly target: string;
  readonly service: string;
  readonly ingress: string;
  readonly route: string;
  readonly interval: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Fills a Go template of Flagger in: its functions and `variables`, nothing else. Throws `AnalysisError`. */
export function renderQuery(template: string, model: TemplateModel, metric: string): string {
  const rendered = template.replace(
    /(\s*)\{\{(-)?\s*(.*?)\s*(-)?\}\}(\s*)/gs,
    (_, before: string, trimBefore: string | undefined, action: string, trimAfter: string | undefined, after: string) =>
      `${trimBefore === undefined ? before : ''}${fill(action)}${trimAfter === undefined ? after : ''}`,
  );
  // As Flagger sends it: on one line.
  return rendered.replace(/\s+/g, ' ').trim();

  function fill(action: string): string {
    const [, variable] = /^variables\.(\w+)$/.exec(action) ?? [];
    if (variable !== undefined) {
      const value = model.variables[variable];
      if (value === undefined) throw new AnalysisError(`metric ${metric}: it has no templateVariables.${variable}`);
      return value;
    }
    const value = action === 'variables' ? undefined : model[action as keyof TemplateModel];
    if (typeof value === 'string') return value;
    const functions = Object.keys(model).filter((name) => name !== 'variables');
    throw new AnalysisError(
      `metric ${metric}: {{ ${action} }} cannot be rendered: there are ${functions.join(', ')} and variables.<name>`,
    );
  }
}
