// Shows how Flagger would judge a good release and a bad release by the Canaries in manifests/, without a cluster: the pods are
// processes, with the names that Kubernetes would give them.
import { fileURLToPath } from 'node:url';
import { check } from '@coalmine/example-pods/check.js';

const isRight = await check({
  stable: labels('checkout-primary-6b8d9f7c5', '6b8d9f7c5'),
  canary: labels('checkout-7d9c4b8f6d', '7d9c4b8f6d'),
  analyses: { canary: analysis('canary'), 'blue-green': analysis('blue-green') },
});
process.exitCode = isRight ? 0 : 1;

function labels(replicaSet, hash) {
  return { namespace: 'shop', pod: `${replicaSet}-x7k2p`, rollouts_pod_template_hash: hash };
}

function analysis(strategy) {
  return ['-f', fileURLToPath(new URL(`manifests/${strategy}/flagger.yaml`, import.meta.url))];
}
