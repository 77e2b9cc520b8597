// An analysis is run as its controller would, and shown: in that order.
export type { AnalysisResult, Measurement, MetricResult, Phase, Threshold, Verdict } from './analyze/verdict.js';
