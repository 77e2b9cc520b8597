import { manifestsFor, type ReleaseOptions, type Target } from '@coalmine/cli';

/** An object of a controller, with what others refer to in it. */
export interface TemplateInterface {
  readonly kind: string;
  readonly name: string;
  readonly arguments: readonly string[];
  readonly metrics: readonly string[];
}

type Named = Readonly<Record<'name', string>>;

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: Named;
  readonly spec: { readonly args?: readonly Named[]; readonly metrics?: readonly Named[] };
}

/** Options that add metrics to the templates, and a name that no other word contains. */
const OPTIONS: ReleaseOptions = { name: 'zzz', router: 'nginx', schema: true, analysis: { slowerThanStable: 1.5 } };

/** Returns the templates that `coalmine manifests` writes, with `<name>` for the name of the release. */
export function readTemplates(): readonly TemplateInterface[] {
  const targets: readonly [Target, ReleaseOptions][] = [
    ['argo', OPTIONS],
    ['argo', { ...OPTIONS, strategy: 'blue-green' }],
    ['flagger', OPTIONS],
  ];
  const templates = targets.flatMap(([target, options]) =>
    objectsFor(target, options)
      .filter(({ kind }) => kind === 'AnalysisTemplate' || kind === 'MetricTemplate')
      .map(({ kind, metadata, spec }) => ({
        kind,
        name: withPlaceholder(metadata.name),
        arguments: namesOf(spec.args),
        metrics: namesOf(spec.metrics),
      })),
  );
  // A gate of blue-green is the gate of a canary with fewer metrics.
  return templates.filter(({ name }, i) => templates.findIndex((other) => other.name === name) === i);
}

/** Returns the names of the alerts, which pagers route by. */
export function readAlerts(): readonly string[] {
  const text = manifestsFor('prometheus', OPTIONS).map((file) => file.text);
  return namesAfter(/\balert: (\w+)/g, text.join('\n'));
}

/** Returns the names of the recorded series, which the templates ask for with `recordingRules`. */
export function readRecorded(): readonly string[] {
  const texts = (['argo', 'flagger'] as const).flatMap((recordingRules) =>
    manifestsFor('rules', { ...OPTIONS, recordingRules }).map((file) => file.text),
  );
  return namesAfter(/\brecord: "?([\w:]+)/g, texts.join('\n')).map(withPlaceholder);
}

function objectsFor(target: Target, options: ReleaseOptions): readonly KubernetesObject[] {
  return manifestsFor(target, options).flatMap(({ objects }) => objects as readonly KubernetesObject[]);
}

function namesAfter(pattern: RegExp, text: string): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
}

function namesOf(named: readonly Named[] = []): readonly string[] {
  return named.map(({ name }) => name);
}

function withPlaceholder(name: string): string {
  return name.replaceAll('zzz', '<name>');
}
