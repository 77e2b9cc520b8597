import type { AnalysisResult } from '../analyze/result.js';
import type { Explanation } from '../explain/explanation.js';
import { printableJson } from './printable.js';

/**
 * Renders an analysis, or explanations, as JSON. A number that JSON does not have becomes text as in Prometheus:
 * `"NaN"`, `"+Inf"`, `"-Inf"`.
 */
export function renderJson(result: AnalysisResult | readonly Explanation[]): string {
  return jsonOf(result);
}

/** Renders any result as JSON, with numbers and texts as in {@link renderJson}. */
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
