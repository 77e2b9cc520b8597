import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { end, endGroupWithRun, freePort, missingBinaries } from '../support/server-process.js';

// nginx prints its version with -v, and does not know --version.
export const isNginxMissing = missingBinaries('nginx').length > 0 && process.env.CI !== 'true';
if (isNginxMissing) process.stderr.write('SKIPPING drains behind nginx: install the Debian package nginx-light\n');

/** An nginx in front of pods. */
export interface Ingress {
  readonly port: number;
  /** Sends requests only to these pods from now on, as an ingress controller does when a pod is not ready. */
  route(ports: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts an nginx that keeps its connections to the pods, and sends no request twice, so that its client sees each loss. */
export async function startIngress(ports: readonly number[]): Promise<Ingress> {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-ingress-'));
  await mkdir(join(folder, 'tmp'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  const args = ['-p', folder, '-c', file, '-e', join(folder, 'error.log')];
  await writeFile(file, configuration(port, ports));
  const child: ChildProcess = spawn('nginx', args, { stdio: 'inherit', detached: true });
  endGroupWithRun(child);
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined);
    if (response?.status === 200) break;
    if (attempt === 200) throw new Error(`nginx does not listen on ${port}`);
    await delay(25);
  }
  return {
    port,
    async route(routed) {
      await writeFile(file, configuration(port, routed));
      await once(spawn('nginx', [...args, '-s', 'reload'], { stdio: 'inherit' }), 'exit');
    },
    async close() {
      await end(child);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function configuration(port: number, pods: readonly number[]): string {
  return `daemon off;
pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path tmp/body;
  proxy_temp_path tmp/proxy;
  fastcgi_temp_path tmp/fastcgi;
  uwsgi_temp_path tmp/uwsgi;
  scgi_temp_path tmp/scgi;
  upstream pods {
    ${pods.map((pod) => `server 127.0.0.1:${pod} max_fails=0;`).join('\n    ')}
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://pods;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_next_upstream off;
    }
  }
}
`;
}
