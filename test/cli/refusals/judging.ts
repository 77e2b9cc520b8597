import { setTimeout as delay } from 'node:timers/promises';
import { type Judges, startJudges, until } from './judges.js';
import type { Manifest, Mutant } from './mutants.js';
import type { Verdict } from './verdicts.js';

const PLURALS: Readonly<Record<string, string>> = {
  AnalysisRun: 'analysisruns',
  AnalysisTemplate: 'analysistemplates',
  Canary: 'canaries',
  Deployment: 'deployments',
  Ingress: 'ingresses',
  MetricTemplate: 'metrictemplates',
  Rollout: 'rollouts',
  Service: 'services',
  VirtualService: 'virtualservices',
};

const COMPLAINT = /error|failed|must be|cannot|can't|is empty|is invalid|not found/i;

// Lines of Flagger without a fault, or about Graphite, for which the tests have no server.
const PASSING =
  /not ready|waiting for|has been modified|already exists|Initialization|not found in cache|graphite in metric template \S+ not avaiable/i;

const CONTROLLERS = { argo: judgeRollouts, flagger: judgeCanaries } as const;

/** Returns what the API server and a controller say about mutants. `binaries` is the folder of both. */
export async function judgeMutants(
  binaries: string,
  controller: keyof typeof CONTROLLERS,
  mutants: readonly Mutant[],
): Promise<ReadonlyMap<Mutant, Verdict>> {
  const judges = await startJudges(binaries);
  try {
    const verdicts = new Map<Mutant, Verdict>();
    await create(judges, namespace('shop'));
    for (const mutant of mutants) {
      const refusal = await refusalOf(judges, mutant.objects[mutant.changed] as Manifest);
      if (refusal !== undefined) verdicts.set(mutant, `server: ${shortened(refusal)}`);
    }
    const left = mutants.filter((mutant) => !verdicts.has(mutant));
    await CONTROLLERS[controller](judges, left, verdicts);
    return verdicts;
  } finally {
    await judges.stop();
  }
}

/** Returns why the strict API server refuses an object, if it does. */
async function refusalOf(judges: Judges, object: Manifest): Promise<string | undefined> {
  const path = collectionOf(object);
  if (path === undefined) return `no matches for kind ${JSON.stringify(object.kind)}`;
  const { status, body } = await judges.call('POST', `${path}?dryRun=All&fieldValidation=Strict`, object);
  return status < 400 ? undefined : String(body.message ?? status);
}

async function judgeRollouts(
  judges: Judges,
  mutants: readonly Mutant[],
  verdicts: Map<Mutant, Verdict>,
): Promise<void> {
  const spaces = await createAll(judges, mutants, 'a');
  const controller = judges.start('rollouts-controller', ['--kubeconfig', judges.kubeconfig, '--leader-elect=false']);
  const judged = new Map<string, Verdict>();
  await until(async () => {
    for (const { namespace, status } of await list(judges, '/apis/argoproj.io/v1alpha1/rollouts')) {
      const conditions = (status.conditions ?? []) as readonly Record<string, string>[];
      const invalid = conditions.find(({ type }) => type === 'InvalidSpec');
      if (invalid !== undefined) judged.set(namespace, `controller: ${shortened(invalid.message ?? '')}`);
      else if (conditions.length > 0 && !judged.has(namespace)) judged.set(namespace, 'accepted');
    }
    return judged.size === spaces.size;
  }, 60);
  // Starts an analysis without a Rollout, because some faults are refused only when the analysis starts.
  await until(async () => {
    const runs = await list(judges, '/apis/argoproj.io/v1alpha1/analysisruns');
    for (const { namespace, status } of runs) {
      const message = String(status.message ?? '');
      const isRefused = status.phase === 'Error' && /spec invalid|unable to resolve/i.test(message);
      if (isRefused && judged.get(namespace) === 'accepted') judged.set(namespace, `controller: ${shortened(message)}`);
    }
    return runs.every(({ status }) => status.phase !== undefined);
  }, 30);
  await controller.stop();
  for (const [namespace, mutant] of spaces)
    verdicts.set(mutant, judged.get(namespace) ?? 'controller: never looked at');
}

async function judgeCanaries(
  judges: Judges,
  mutants: readonly Mutant[],
  verdicts: Map<Mutant, Verdict>,
): Promise<void> {
  // If Flagger cannot read one Canary, or panics because of it, Flagger looks at no other Canary.
  const risky = mutants.filter(isRisky);
  const spaces = await createAll(
    judges,
    mutants.filter((mutant) => !risky.includes(mutant)),
    'f',
  );
  const judged = new Map<string, Verdict>();
  const flags = ['-kubeconfig', judges.kubeconfig, '-mesh-provider=istio', '-metrics-server=http://127.0.0.1:19190'];
  const controller = judges.start('flagger', [...flags, '-port=19191', '-log-level=info']);
  await until(async () => {
    await readyDeployments(judges);
    for (const { namespace, status } of await list(judges, '/apis/flagger.app/v1beta1/canaries')) {
      if (status.phase === 'Initialized' && !judged.has(namespace)) judged.set(namespace, 'accepted');
    }
    for (const { canary, msg } of complaintsIn(controller.log())) {
      judged.set(canary.replace('checkout.', ''), `controller: ${shortened(msg)}`);
    }
    return judged.size === spaces.size;
  }, 240);
  await controller.stop();
  for (const [namespace, mutant] of spaces)
    verdicts.set(mutant, judged.get(namespace) ?? 'controller: never initialized');
  for (const [i, mutant] of risky.entries()) {
    await createAll(judges, [mutant], `r${i}x`);
    const alone = judges.start('flagger', [...flags, `-namespace=r${i}x0`, '-port=19192', '-log-level=info']);
    for (let wait = 0; wait < 20 && !/cannot unmarshal|panic: |Synced r/.test(alone.log()); wait += 1) await delay(250);
    const [why] = /cannot unmarshal [^"\\]*|panic: [^\n[]*/.exec(alone.log()) ?? [];
    verdicts.set(mutant, why === undefined ? 'accepted' : `controller: ${shortened(why)}`);
    await alone.stop();
  }
}

/** Returns the complaints about Canaries in the log of Flagger. Not every complaint becomes an event, because Kubernetes limits their rate. */
function complaintsIn(log: string): readonly { readonly canary: string; readonly msg: string }[] {
  return log.split('\n').flatMap((line) => {
    if (!line.startsWith('{"level"')) return [];
    const { canary, msg } = JSON.parse(line) as { canary?: string; msg: string };
    return canary === undefined || !COMPLAINT.test(msg) || PASSING.test(msg) ? [] : [{ canary, msg }];
  });
}

/** Returns whether a Canary has a number that is not an integer or is very large, or has nothing that Flagger could analyze. */
function isRisky({ name, objects, changed }: Mutant): boolean {
  const { kind, spec } = objects[changed] as { kind: unknown; spec?: { analysis?: unknown } | null };
  const hasOddNumber = /\d\.\d|\d{10}/.test(/ (?:replaced by|moved to) (.*)/.exec(name)?.[1] ?? '');
  return hasOddNumber || (kind === 'Canary' && (spec?.analysis ?? null) === null);
}

/** Creates the objects of each mutant in a separate namespace. */
async function createAll(
  judges: Judges,
  mutants: readonly Mutant[],
  prefix: string,
): Promise<ReadonlyMap<string, Mutant>> {
  const spaces = new Map<string, Mutant>();
  for (const [i, mutant] of mutants.entries()) {
    const space = `${prefix}${i}`;
    spaces.set(space, mutant);
    await create(judges, namespace(space));
    for (const object of mutant.objects) {
      const own = JSON.parse(
        JSON.stringify(object).replaceAll('"namespace":"shop"', `"namespace":"${space}"`),
      ) as Manifest;
      await create(judges, own);
    }
    const changed = mutant.objects[mutant.changed] as Manifest;
    if (changed.kind === 'AnalysisTemplate') await create(judges, runOf(changed, space));
  }
  return spaces;
}

/** Returns an AnalysisRun of a template, with a value for each argument. */
function runOf(template: Manifest, space: string): Manifest {
  const spec = structuredClone((template.spec ?? {}) as Record<string, unknown>);
  const args = Array.isArray(spec.args) ? (spec.args as readonly Record<string, unknown>[]) : [];
  spec.args = args.map(({ name, value }) => ({ name, value: value ?? 'x' }));
  delete spec.templates;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: { name: 'alone', namespace: space },
    spec,
  };
}

/** Reports that all pods of every Deployment are ready, because nobody runs them. */
async function readyDeployments(judges: Judges): Promise<void> {
  const { body } = await judges.call('GET', '/apis/apps/v1/deployments');
  for (const item of (body.items ?? []) as readonly Manifest[]) {
    const { name, namespace, generation } = item.metadata as Record<string, unknown>;
    const { observedGeneration } = (item.status ?? {}) as Record<string, unknown>;
    if (observedGeneration === generation) continue;
    const replicas = Number((item.spec as Record<string, unknown>).replicas ?? 1);
    const status = {
      observedGeneration: generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
    };
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/status`;
    await judges.call('PATCH', path, { status }, 'application/merge-patch+json');
  }
}

async function list(
  judges: Judges,
  path: string,
): Promise<readonly { namespace: string; status: Record<string, unknown> }[]> {
  const { body } = await judges.call('GET', path);
  return ((body.items ?? []) as readonly Manifest[]).map((item) => ({
    namespace: String((item.metadata as Record<string, unknown>).namespace),
    status: (item.status ?? {}) as Record<string, unknown>,
  }));
}

async function create(judges: Judges, object: Manifest): Promise<void> {
  const path = collectionOf(object);
  if (path !== undefined) await judges.call('POST', path, object);
}

/** Returns the path at which an object is created, or `undefined` for a kind that does not exist. */
function collectionOf({ apiVersion, kind, metadata }: Manifest): string | undefined {
  if (kind === 'Namespace') return '/api/v1/namespaces';
  const plural = PLURALS[String(kind)];
  if (plural === undefined || typeof apiVersion !== 'string' || apiVersion === '') return undefined;
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const { namespace = 'shop' } = (metadata ?? {}) as { namespace?: string };
  return `${root}/${encodeURI(apiVersion)}/namespaces/${namespace}/${plural}`;
}

function namespace(name: string): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function shortened(message: string): string {
  const said = message
    .replaceAll(/[\n\r]+/g, ' ')
    .replace(/^.*? is invalid: /, '')
    .replace(/^.*?strict decoding error: /, '');
  return said.replaceAll(/\b[afr]\d+(?:x0)?\b/g, 'shop').slice(0, 90);
}
