import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Identity, readIdentity } from './identity.js';
import type { IdentityOptions } from './identity-options.js';

const ROLLOUT_POD = 'shop-7d9c4b8f6d-x7k2p';
const PRIMARY_POD = 'shop-primary-7d9c4b8f6d-x7k2p';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-identity-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What a pod with these variables and files reads of itself; files by path below `podinfo` or `serviceAccount`. */
async function read(
  env: Record<string, string>,
  files: Record<string, string> = {},
  options: IdentityOptions = {},
): Promise<Identity> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const [podinfo, serviceAccount] = [join(folder, 'podinfo'), join(folder, 'serviceAccount')];
  return readIdentity({ env, podinfo, serviceAccount, ...options });
}

describe('an identity', () => {
  it('is empty if nothing is known', async () => {
    expect(await read({})).toStrictEqual({});
    expect(await read({ POD_NAME: '', ROLLOUTS_POD_TEMPLATE_HASH: '', APP_VERSION: '' })).toStrictEqual({});
  });

  it('is read from the environment of this process unless another one is given', () => {
    const [name] = Object.entries(process.env).find(([, value]) => value) ?? [];
    expect(readIdentity({ variables: { version: name as string } }).version).toBe(process.env[name as string]);
  });

  it('is read from the environment', async () => {
    const env = {
      POD_NAME: ROLLOUT_POD,
      POD_NAMESPACE: 'eu',
      ROLLOUTS_POD_TEMPLATE_HASH: '7d9c4b8f6d',
      APP_VERSION: '1.4.2',
    };
    expect(await read(env)).toStrictEqual({
      pod: ROLLOUT_POD,
      namespace: 'eu',
      hash: '7d9c4b8f6d',
      workload: 'shop',
      version: '1.4.2',
    });
  });

  it.each([
    [{ K8S_POD_NAME: 'a', MY_POD_NAME: 'b' }, { pod: 'a' }],
    [{ KUBERNETES_POD_NAME: 'a' }, { pod: 'a' }],
    [
      { MY_POD_NAME: 'b', MY_POD_NAMESPACE: 'c' },
      { pod: 'b', namespace: 'c' },
    ],
    [{ K8S_NAMESPACE: 'a' }, { namespace: 'a' }],
    [{ K8S_POD_NAMESPACE: 'a' }, { namespace: 'a' }],
    [{ KUBERNETES_NAMESPACE: 'a' }, { namespace: 'a' }],
    [{ ROLLOUT_POD_TEMPLATE_HASH: 'a' }, { hash: 'a' }],
    [{ SERVICE_VERSION: '1', DD_VERSION: '2' }, { version: '1' }],
    [{ DD_VERSION: '2' }, { version: '2' }],
    // The SDK reads these itself.
    [{ OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=a' }, {}],
  ])('knows the names that variables go by: %j', async (env, identity) => {
    expect(await read(env)).toStrictEqual(identity);
  });

  it('is read only from the variables that the options name', async () => {
    const env = { POD_NAME: 'usual', POD: 'a', NS: 'b', HASH: 'c', BUILD: 'd' };
    const variables = { pod: 'POD', namespace: 'NS', hash: 'HASH', version: 'BUILD' };
    expect(await read(env, {}, { variables })).toStrictEqual({ pod: 'a', namespace: 'b', hash: 'c', version: 'd' });
    expect(await read(env, {}, { variables: { pod: 'NONE' } })).toStrictEqual({});
    expect(await read({ SELECTOR: 'shop' }, {}, { variables: { selector: 'SELECTOR' } })).toStrictEqual({
      role: 'canary',
    });
  });

  it('is read from the files of a downwardAPI volume', async () => {
    const files = {
      'podinfo/name': `${ROLLOUT_POD}\n`,
      'podinfo/namespace': 'eu',
      'podinfo/labels':
        'app="shop"\napp.kubernetes.io/version="1.4.2"\nempty=""\nrole="canary"\nrollouts-pod-template-hash="7d9c4b8f6d"',
    };
    expect(await read({}, files)).toStrictEqual({
      pod: ROLLOUT_POD,
      namespace: 'eu',
      hash: '7d9c4b8f6d',
      workload: 'shop',
      version: '1.4.2',
    });
  });

  it('is not read from lines that are no labels', async () => {
    const labels = 'rollouts-pod-template-hash=bare\nrollouts-pod-template-hash="a"b"\n="x"\n\napp="x\\"-primary"\n';
    expect(await read({}, { 'podinfo/labels': labels })).toStrictEqual({});
  });

  it('ignores files that cannot be read', async () => {
    for (const file of ['labels', 'name', 'namespace']) {
      await mkdir(join(folder, 'podinfo', file), { recursive: true });
    }
    expect(await read({ APP_VERSION: '1' })).toStrictEqual({ version: '1' });
  });

  it('falls back on what Kubernetes gives every pod', async () => {
    const files = { 'serviceAccount/namespace': 'eu' };
    const kubernetes = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    expect(await read({ ...kubernetes, HOSTNAME: ROLLOUT_POD }, files)).toStrictEqual({
      pod: ROLLOUT_POD,
      namespace: 'eu',
    });
    expect(await read({ HOSTNAME: 'laptop' })).toStrictEqual({ namespace: 'eu' });
    expect(await read({ ...kubernetes, HOSTNAME: 'ip-10-0-0-7.ec2.internal' })).toStrictEqual({ namespace: 'eu' });
  });

  it('takes each value from the first source that has it: options, environment, files, Kubernetes', async () => {
    const env = {
      POD_NAME: 'env',
      POD_NAMESPACE: 'env',
      ROLLOUTS_POD_TEMPLATE_HASH: 'env',
      APP_VERSION: 'env',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      HOSTNAME: 'host',
    };
    const files = {
      'podinfo/name': 'file',
      'podinfo/namespace': 'file',
      'podinfo/labels': 'rollouts-pod-template-hash="file"\napp.kubernetes.io/version="file"',
      'serviceAccount/namespace': 'account',
    };
    const byHand = { pod: 'hand', namespace: 'hand', hash: 'hand', version: 'hand' };
    const all = (source: string): Identity => ({ pod: source, namespace: source, hash: source, version: source });
    expect(await read(env, files, byHand)).toStrictEqual(byHand);
    expect(await read(env)).toStrictEqual(all('env'));
    const { HOSTNAME, KUBERNETES_SERVICE_HOST } = env;
    expect(await read({ HOSTNAME, KUBERNETES_SERVICE_HOST })).toStrictEqual(all('file'));
    expect(await read({ HOSTNAME, KUBERNETES_SERVICE_HOST }, {}, { podinfo: join(folder, 'none') })).toStrictEqual({
      pod: 'host',
      namespace: 'account',
    });
  });

  it('has the service and the workload of the options, and looks for what the options leave undefined', async () => {
    expect(await read({}, {}, { service: 'shop', workload: 'shop', role: 'primary' })).toStrictEqual({
      service: 'shop',
      workload: 'shop',
      role: 'primary',
    });
    expect(await read({ APP_VERSION: '1' }, {}, { version: undefined })).toStrictEqual({ version: '1' });
  });
});

describe("a pod's name", () => {
  it('alone tells neither hash nor workload: a Rollout and a Deployment name their pods alike', async () => {
    expect(await read({ POD_NAME: ROLLOUT_POD })).toStrictEqual({ pod: ROLLOUT_POD });
  });

  it('tells hash and workload if Argo releases the pod', async () => {
    expect(await read({ POD_NAME: PRIMARY_POD }, {}, { controller: 'argo' })).toStrictEqual({
      pod: PRIMARY_POD,
      hash: '7d9c4b8f6d',
      workload: 'shop-primary',
    });
  });

  it('tells the workload if the pod has the label of a Deployment', async () => {
    const files = { 'podinfo/labels': 'app="shop"\npod-template-hash="7d9c4b8f6d"' };
    expect(await read({ POD_NAME: ROLLOUT_POD }, files)).toStrictEqual({ pod: ROLLOUT_POD, workload: 'shop' });
  });

  it('tells no workload if it has another hash than the label', async () => {
    expect(await read({ POD_NAME: ROLLOUT_POD, ROLLOUTS_POD_TEMPLATE_HASH: '5b' })).toStrictEqual({
      pod: ROLLOUT_POD,
      hash: '5b',
    });
  });
});

describe('a role', () => {
  it.each<[string, Record<string, string>, IdentityOptions, string | undefined]>([
    ['the label of a primary, in the environment', { FLAGGER_SELECTOR_LABEL: 'shop-primary' }, {}, 'primary'],
    ['the label of a canary', { FLAGGER_SELECTOR_LABEL: 'shop' }, {}, 'canary'],
    ["a primary's name", { POD_NAME: PRIMARY_POD }, {}, 'primary'],
    ["a canary's name, under Flagger", { POD_NAME: ROLLOUT_POD }, { controller: 'flagger' }, 'canary'],
    ["a canary's name, without a controller", { POD_NAME: ROLLOUT_POD }, {}, undefined],
    ['nothing, under Flagger', {}, { controller: 'flagger' }, undefined],
    ["a DaemonSet's name, under Flagger", { POD_NAME: 'shop-x7k2p' }, { controller: 'flagger' }, undefined],
    ["a primary's name, under Argo", { POD_NAME: PRIMARY_POD }, { controller: 'argo' }, undefined],
    [
      'a label of Flagger beside the hash of Argo',
      { FLAGGER_SELECTOR_LABEL: 'shop', ROLLOUTS_POD_TEMPLATE_HASH: '5b' },
      {},
      undefined,
    ],
  ])('is $3 with %s', async (_what, env, options, role) => {
    expect((await read(env, {}, options)).role).toBe(role);
  });

  it.each(['app', 'name', 'app.kubernetes.io/name'])('is read from the label %s in a file', async (label) => {
    expect(await read({}, { 'podinfo/labels': `${label}="shop-primary"` })).toStrictEqual({ role: 'primary' });
    const options: IdentityOptions = { controller: 'flagger' };
    expect(await read({}, { 'podinfo/labels': `${label}="shop"` }, options)).toStrictEqual({ role: 'canary' });
    // Any Deployment's pods have such a label.
    expect(await read({})).toStrictEqual({});
  });

  it('is read from the name of a primary, together with its workload', async () => {
    expect(await read({ POD_NAME: PRIMARY_POD })).toStrictEqual({
      pod: PRIMARY_POD,
      role: 'primary',
      workload: 'shop-primary',
    });
  });
});

describe('a wrong option is refused in one sentence', () => {
  it.each<[object, string]>([
    [
      { podName: 'a' },
      'options.podName must be left out: options takes pod, namespace, hash, role, workload, version, service, controller, env, variables, podinfo, serviceAccount, got "a"',
    ],
    [{ pod: 7 }, 'pod must be a string that is not empty, got 7'],
    [{ namespace: '' }, 'namespace must be a string that is not empty, got ""'],
    [{ hash: null }, 'hash must be a string that is not empty, got null'],
    [{ role: 'stable' }, 'role must be one of primary, canary, got "stable"'],
    [{ workload: [] }, 'workload must be a string that is not empty, got []'],
    [{ version: 1.4 }, 'version must be a string that is not empty, got 1.4'],
    [{ service: {} }, 'service must be a string that is not empty, got an object'],
    [{ controller: 'flux' }, 'controller must be one of argo, flagger, got "flux"'],
    [{ env: 'POD_NAME' }, 'env must be an object of names and values, such as process.env, got "POD_NAME"'],
    [{ variables: { pod: '' } }, 'variables.pod must be a string that is not empty, got ""'],
    [
      { variables: { service: 'A' } },
      'variables.service must be left out: variables takes pod, namespace, hash, selector, version, got "A"',
    ],
    [{ podinfo: false }, 'podinfo must be a string that is not empty, got false'],
    [{ serviceAccount: 0 }, 'serviceAccount must be a string that is not empty, got 0'],
  ])('%j', (options, message) => {
    expect(() => readIdentity(options)).toThrow(expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }));
  });
});
