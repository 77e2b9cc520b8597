import { NotKnownHereError } from '../../not-known-here.js';
import { TemplateError } from './template-error.js';
import { executeTemplate, type TemplateModel } from './template-execution.js';
import { parseTemplate } from './template-parser.js';

/** Renders a Go template as Flagger does. Throws `TemplateError` if Flagger cannot, and `NotKnownHereError`. */
export function renderTemplate(source: string, model: TemplateModel): string {
  try {
    return executeTemplate(parseTemplate(source), model);
  } catch (error) {
    if (error instanceof RangeError) throw new NotKnownHereError('a template that is nested so deeply');
    throw error;
  }
}

/** Returns a rendered query as Flagger sends it: on one line, so a `#` turns the rest into a comment. */
export function onOneLine(query: string): string {
  return query.replace(/[\t\n\f\r ]+/g, ' ');
}

/** The reason why a query cannot be rendered. */
interface RenderingFault {
  /** Whether Flagger refuses the query; otherwise the query has a part that is not known here. */
  readonly isRefused: boolean;
  readonly message: string;
  /** The index in the query, from 0; `undefined` if it is not known. */
  readonly at: number | undefined;
}

/** Returns why a query cannot be rendered with a model; `undefined` if it can be rendered. */
export function renderingFault(source: string, model: TemplateModel): RenderingFault | undefined {
  try {
    renderTemplate(source, model);
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return { isRefused: true, message: error.message, at: error.at };
    if (error instanceof NotKnownHereError) return { isRefused: false, message: error.message, at: undefined };
    throw error;
  }
}
