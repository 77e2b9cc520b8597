// In the order of the data: a release is described, its queries are built, manifests are written, existing files are
// linted, an analysis is run.
export { type Accepted, parseRelease, type Release } from './release/release.js';
export type { Recorder, ReleaseOptions, Strategy } from './release/release-options.js';
export type { Router } from './release/ingress.js';
export type { Analysis, AnalysisOptions } from './release/analysis.js';
export type { Ingress, IngressOptions } from './release/ingress.js';
export type { Auth, AuthType, Provider, ProviderOptions } from './release/provider.js';
export type { Autoscale, AutoscaleOptions, ScaleDown, Workload, WorkloadOptions } from './release/workload.js';
export { PERSISTENCE } from './queries/persistence.js';
export { questionsOf } from './queries/queries.js';
export type { Judged, Question, Sides } from './queries/question.js';
export { type ManifestFile, manifestsFor } from './manifests/manifests.js';
export type { Target } from './manifests/target.js';
export type { Scrape } from './manifests/prometheus.js';
export type { Finding } from './lint/finding.js';
export { lintTemplates, type TemplateOptions } from './lint/templates/lint-templates.js';
export type { SourceFile } from './controllers/objects.js';
export { type LintExpositionOptions, lintExposition } from './lint/exposition/lint-exposition.js';
export { type KubernetesObject, objectsIn } from './controllers/documents.js';
export { type ArgoAsking, type ArgoOptions, analyzeArgo } from './analyze/argo/argo.js';
export type { ArgoRun } from './controllers/argo/run-analysis.js';
export { analyzeFlagger, type FlaggerAsking, type FlaggerOptions } from './analyze/flagger/run.js';
export type { FlaggerRun } from './controllers/flagger/run-analysis.js';
export type { TraceOptions } from './analyze/traces/traces.js';
export { type Clock, createPastClock, createWallClock } from './controllers/clock.js';
export { type ExplainOptions, explain } from './explain/explain.js';
export type { Explanation, Outcome, Reason } from './explain/explanation.js';
export { type Fields, type RecordedObject, recordsOf } from './explain/record.js';
export { renderExplanations } from './report/explanation.js';
export { renderExplanationsAsHtml, renderHtml } from './report/html.js';
export { renderJson } from './report/json.js';
export { renderExplanationsAsMarkdown, renderMarkdown } from './report/markdown.js';
export { renderTerminal, type TerminalOptions } from './report/terminal.js';
export { AnalysisError } from './analysis-error.js';
export type { Account, AnalysisResult, Counts, MetricResult, RouteCounts, Trace } from './analyze/result.js';
export type { Controller } from './controllers/controller.js';
export type {
  Measurement,
  MetricVerdict,
  Phase,
  RunVerdict,
  Threshold,
  Verdict,
} from './controllers/verdict.js';
