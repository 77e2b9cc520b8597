import type { AnalysisResult } from '../analyze/result.js';
import type { Explanation } from '../explain/explanation.js';
import { printableJson } from './printable.js';

/** An analysis, or explanations, as JSON; what JSON has no number for is text as Prometheus writes it: `"NaN"`, `"+Inf"`, `"-Inf"`. */
export function renderJson(result: AnalysisResult | readonly Explanation[]): string {
  return jsonOf(result);
}

/** Any result as JSON, its numbers and its texts as {@link renderJson} writes them. */
export function jsonOf(result: unknown): string {
  const json = JSON.stringify(
    result,
    (_, value: unknown) => {
      if (typeof value !== 'number' || Number.isFinite(value)) return value;
      return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
    },
    2,
  );
  return `${printableJson(json)}\n`;
}
