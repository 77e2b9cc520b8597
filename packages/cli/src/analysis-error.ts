/** An analysis that cannot be run: a template, an argument or an answer is not what it must be. */
export class AnalysisError extends Error {
  override readonly name = 'AnalysisError';
}
