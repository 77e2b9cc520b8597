import { onOneLine, renderTemplate } from '../../controllers/flagger/go-template.js';
import { TemplateError } from '../../controllers/flagger/template-error.js';
import type { TemplateModel } from '../../controllers/flagger/template-execution.js';
import { NotKnownHereError } from '../../controllers/not-known-here.js';
import { AnalysisError } from '../analysis-error.js';

/**
 * Renders the query of a metric as Flagger sends it. Throws `AnalysisError` if Flagger cannot render the query, which fails
 * every check, or if the query has a part that is not known here.
 */
export function renderQuery(template: string, model: TemplateModel, metric: string): string {
  try {
    return onOneLine(renderTemplate(template, model)).trim();
  } catch (error) {
    if (error instanceof TemplateError) {
      throw new AnalysisError(`metric ${metric}: Flagger cannot render its query: ${error.message}`);
    }
    if (error instanceof NotKnownHereError) throw new AnalysisError(`metric ${metric}: ${error.message}`);
    throw error;
  }
}
