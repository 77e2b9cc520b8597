// Shows how Argo Rollouts would judge a good release and a bad release by the templates in manifests/, without a cluster: the
// pods are processes, with the labels that the PodMonitor would add.
import { fileURLToPath } from 'node:url';
import { check } from '@coalmine/example-pods/check.js';

const HASHES = { stable: '5f6c7d8b9c', canary: '7d9c4b8f6d' };

const isRight = await check({
  stable: labels(HASHES.stable),
  canary: labels(HASHES.canary),
  analyses: {
    'a step of a canary': analysis('canary', 'checkout-gate'),
    'before the switch': analysis('blue-green', 'checkout-preview'),
    'after the switch': analysis('blue-green', 'checkout-gate'),
  },
});
process.exitCode = isRight ? 0 : 1;

function labels(hash) {
  return { namespace: 'shop', pod: `checkout-${hash}-x7k2p`, rollouts_pod_template_hash: hash };
}

function analysis(strategy, template) {
  const file = fileURLToPath(new URL(`manifests/${strategy}/analysis.yaml`, import.meta.url));
  return ['-f', file, '-t', template, '-a', `canary-hash=${HASHES.canary}`, '-a', `stable-hash=${HASHES.stable}`];
}
