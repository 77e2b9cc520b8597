import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * Starts the service in a process of its own, with the environment that a pod's manifest gives it.
 *
 * @param {object} options
 * @param {string} options.pod
 * @param {string} options.hash of the pod's template
 * @param {Record<string, string>} options.env
 * @param {string} options.endpoint where OTLP goes
 * @param {AbortSignal} options.signal ends the process at once
 */
export async function startPod({ pod, hash, env, endpoint, signal }) {
  const child = fork(fileURLToPath(new URL('server.js', import.meta.url)), {
    execArgv: ['--import', new URL('telemetry.mjs', import.meta.url).href],
    env: {
      ...process.env,
      ...env,
      POD_NAME: pod,
      POD_NAMESPACE: 'laptop',
      ROLLOUTS_POD_TEMPLATE_HASH: hash,
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      // The caller decides whether a trace is sampled. Of the traces that start here, one in ten is sampled.
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      OTEL_BSP_SCHEDULE_DELAY: '500',
    },
    signal,
    killSignal: 'SIGKILL',
  });
  // This error says that the signal has ended the process.
  child.on('error', () => {});
  const [{ port }] = await once(child, 'message', { signal });
  return {
    pod,
    hash,
    port,
    /** Waits until the readiness probe succeeds, as a kubelet does. */
    async ready() {
      const url = `http://127.0.0.1:${port}/readyz`;
      while ((await fetch(url, { signal })).status !== 200) await delay(200, undefined, { signal });
    },
    /** Ends the process as a kubelet does, so that it can send its last spans. */
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
