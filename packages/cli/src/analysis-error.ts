/** An analysis that cannot run, because a template, an argument or a response is not what it must be. */
export class AnalysisError extends Error {
  override readonly name = 'AnalysisError';
}
