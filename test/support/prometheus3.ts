import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type StartedPrometheus, startServer } from './prometheus.js';
import { missingBinaries } from './server-process.js';

// Debian has Prometheus 2, so Prometheus 3 has another name on the PATH. `npm run judges` builds it into a folder.
const JUDGES =
  process.env.COALMINE_JUDGES ?? fileURLToPath(new URL('../../node_modules/.cache/coalmine-judges', import.meta.url));
const BUILT = `${JUDGES}/prometheus`;
const BINARY = existsSync(BUILT) ? BUILT : 'prometheus3';

/** Whether tests of a Prometheus that receives OTLP must be skipped. */
export const isPrometheus3Missing: boolean = missingBinaries(BINARY).length > 0;
if (isPrometheus3Missing) {
  const how = 'build cmd/prometheus of github.com/prometheus/prometheus v0.316.0, as .ci/run does';
  process.stderr.write(`SKIPPING the tests against a real Prometheus 3: no prometheus3 on the PATH: ${how}\n`);
}

/** Starts a Prometheus on loopback that receives OTLP, with the text of a configuration. */
export function startPrometheus3(configuration: string): Promise<StartedPrometheus> {
  return startServer(() => configuration, ['--web.enable-otlp-receiver'], BINARY);
}
