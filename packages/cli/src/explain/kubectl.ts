import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AnalysisError } from '../analysis-error.js';
import { owns } from './ownership.js';
import { type Fields, fieldsIn, listIn, type RecordedObject, recordOf, textIn } from './record.js';

/** An object in the cluster, by the name that a user types: `rollout/checkout`. */
export interface Named {
  readonly kind: 'analysisrun' | 'rollout' | 'canary';
  readonly name: string;
}

// The names that kubectl accepts.
const KINDS: Readonly<Record<string, Named['kind']>> = {
  analysisrun: 'analysisrun',
  analysisruns: 'analysisrun',
  ar: 'analysisrun',
  rollout: 'rollout',
  rollouts: 'rollout',
  ro: 'rollout',
  canary: 'canary',
  canaries: 'canary',
};

// Enough for a cluster that keeps every run of every Rollout.
const MOST_BYTES = 256 * 1024 * 1024;

/** Returns the object that `kind/name` names; `undefined` for a text of another form, such as the path of a file. */
export function parseNamed(text: string): Named | undefined {
  const found = /^([a-z]+)(?:\.[a-z.]+)?\/([a-z0-9][a-z0-9.-]*)$/i.exec(text);
  const kind = KINDS[found?.[1]?.toLowerCase() ?? ''];
  // A folder may have such a name: `canary/prod.yaml`.
  if (/\.(?:ya?ml|json)$/i.test(text)) return undefined;
  return found === null || kind === undefined ? undefined : { kind, name: found[2] ?? '' };
}

/**
 * Reads an object and the objects that belong to it from the cluster, with kubectl and its current context: the
 * AnalysisRuns and the templates of a Rollout, the Events of a Canary. Rejects with `AnalysisError` if kubectl is
 * missing, or refuses.
 */
export async function recordsOfNamed(
  { kind, name }: Named,
  namespace: string | undefined,
): Promise<readonly RecordedObject[]> {
  const where = namespace === undefined ? [] : ['--namespace', namespace];
  const [object] = await get([`${RESOURCES[kind]}`, name, ...where]);
  if (object === undefined) return [];
  const own = textIn(object.metadata, 'namespace');
  const beside = own === undefined ? where : ['--namespace', own];
  if (kind === 'canary') {
    const selector = `involvedObject.kind=Canary,involvedObject.name=${name}`;
    return [object, ...(await get(['events', ...beside, '--field-selector', selector]))];
  }
  // They only add details, and the role may not be allowed to see them.
  const [templates, clusterTemplates] = [
    get(['analysistemplates.argoproj.io', ...beside]).catch(() => []),
    get(['clusteranalysistemplates.argoproj.io']).catch(() => []),
  ];
  if (kind === 'analysisrun') return [object, ...(await templates), ...(await clusterTemplates)];
  const hash = textIn(object.status, 'currentPodHash');
  // For a promoted release, the reader wants to know about the release before.
  const isPromoted = hash === textIn(object.status, 'stableRS');
  const selector = hash === undefined || isPromoted ? [] : ['--selector', `rollouts-pod-template-hash=${hash}`];
  const runs = await get(['analysisruns.argoproj.io', ...beside, ...selector]);
  return [object, ...runs.filter((run) => owns(object, run)), ...(await templates), ...(await clusterTemplates)];
}

const RESOURCES: Readonly<Record<Named['kind'], string>> = {
  analysisrun: 'analysisruns.argoproj.io',
  rollout: 'rollouts.argoproj.io',
  canary: 'canaries.flagger.app',
};

async function get(args: readonly string[]): Promise<readonly RecordedObject[]> {
  const text = await run(['get', ...args, '--output', 'json']);
  let read: Fields;
  try {
    read = fieldsIn({ read: JSON.parse(text) }, 'read');
  } catch {
    throw new AnalysisError(`kubectl get ${args[0]} did not print JSON`);
  }
  const { items } = read as { readonly items?: unknown };
  const objects = Array.isArray(items) ? listIn(read, 'items') : [read];
  return objects.map(recordOf);
}

async function run(args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('kubectl', [...args], { maxBuffer: MOST_BYTES });
    return stdout;
  } catch (error) {
    const { code, stderr = '', message } = error as Error & { readonly code?: string; readonly stderr?: string };
    if (code === 'ENOENT') {
      throw new AnalysisError(
        'kubectl is not installed: give its output instead, such as the output of `kubectl get rollout NAME -o yaml`',
      );
    }
    // Lines of its log come before the sentence for people.
    throw new AnalysisError(`kubectl: ${stderr.trim().split('\n').at(-1) || message}`);
  }
}
