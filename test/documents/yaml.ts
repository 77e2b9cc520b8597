import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRelease, type ReleaseOptions } from '@coalmine/cli';
import { parseAllDocuments } from 'yaml';
import { readLintConfig } from '../../packages/cli/src/config-file.js';
import { type Block, nameOf } from '../support/documents.js';
import { type Kubernetes, validate } from '../support/kubernetes-schemas.js';

const POD_FIELDS = ['containers', 'volumes', 'terminationGracePeriodSeconds'];
const CONTAINER_FIELDS = ['startupProbe', 'livenessProbe', 'readinessProbe', 'env', 'volumeMounts'];

/** Returns what is wrong with a block of YAML: it is not YAML, or it does not fit the schema of its kind. */
export async function complaintsAboutYaml(block: Block): Promise<readonly string[]> {
  const documents = parseAllDocuments(block.text);
  const errors = documents.flatMap((document) => document.errors.map(({ message }) => message));
  const complaints = [...errors];
  if (errors.length === 0) {
    for (const document of documents) {
      try {
        await judge(block, document.toJS());
      } catch (error) {
        complaints.push((error as Error).message);
      }
    }
  }
  return complaints.map((complaint) => `${block.document}:${block.line}: ${complaint}`);
}

/** Throws what is wrong with a value, or that nothing can judge it. */
async function judge(block: Block, value: Readonly<Record<string, unknown>>): Promise<void> {
  if (nameOf(block.text) === 'coalmine.config.yaml' || 'accept' in value) return judgeConfig(block.text);
  if ('kind' in value) return validate(value as unknown as Kubernetes);
  if (has(value, [...POD_FIELDS, ...CONTAINER_FIELDS])) return validate(deploymentOf(value));
  if (has(value, ['metadata'])) return validate(deploymentOf({}, value.metadata as object));
  if (has(value, ['strategy'])) return validate(rolloutOf(value));
  throw new Error('nothing here can judge this block: say who does, or why nobody has to');
}

function has(value: object, fields: readonly string[]): boolean {
  return Object.keys(value).every((field) => fields.includes(field));
}

/** Reads a config file as the command line does. The name of the release may be elsewhere. */
async function judgeConfig(text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-document-'));
  try {
    const file = join(folder, 'coalmine.config.yaml');
    writeFileSync(file, text);
    const { release } = await readLintConfig(file);
    parseRelease({ name: 'shop', ...(release as ReleaseOptions) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns a Deployment whose pods have the fields of a fragment for a pod or for its container. */
function deploymentOf(fragment: Readonly<Record<string, unknown>>, metadata: object = {}): Kubernetes {
  const ofContainer = Object.entries(fragment).filter(([field]) => CONTAINER_FIELDS.includes(field));
  const ofPod = Object.entries(fragment).filter(([field]) => POD_FIELDS.includes(field));
  const container = { name: 'app', image: 'shop:1', ...Object.fromEntries(ofContainer) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop' },
    spec: {
      selector: { matchLabels: { app: 'shop' } },
      template: {
        metadata: { labels: { app: 'shop' }, ...metadata },
        spec: { containers: [container], ...Object.fromEntries(ofPod) },
      },
    },
  };
}

function rolloutOf(spec: Readonly<Record<string, unknown>>): Kubernetes {
  const { spec: pods } = deploymentOf({});
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'shop' },
    spec: { ...pods, ...spec },
  };
}
