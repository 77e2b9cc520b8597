import { spawn, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Starts an nginx that splits the requests to its port between stable and canary by weight.
 *
 * @param {string} folder for the configuration and the files that nginx writes
 * @param {number} port
 */
export async function startNginx(folder, port) {
  await mkdir(join(folder, 'tmp'));
  const file = join(folder, 'nginx.conf');
  const args = ['-p', folder, '-c', file, '-e', join(folder, 'error.log')];
  let child;
  return {
    /**
     * Sends a share of the requests, in percent, to the canary.
     *
     * @param {{ stable: number, canary?: number | undefined, percent: number }} split ports, and the share
     */
    async split(split) {
      await writeFile(file, configuration(port, split));
      if (child === undefined) {
        child = spawn('nginx', args, { stdio: 'inherit' });
        await untilListening(port);
      } else spawnSync('nginx', [...args, '-s', 'reload']);
    },
    close: () => child?.kill('SIGQUIT'),
  };
}

/**
 * @param {number} port
 * @param {{ stable: number, canary?: number | undefined, percent: number }} split
 */
function configuration(port, { stable, canary, percent }) {
  const share = canary === undefined || percent === 0 ? '' : `${percent}% ${canary};`;
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
  # Splits requests, not users: the hash is of a value that is new for each request.
  split_clients $request_id $backend {
    ${share}
    * ${stable};
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:$backend;
      proxy_http_version 1.1;
    }
  }
}
`;
}

async function untilListening(port) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answered !== undefined) return;
    await delay(50);
  }
  throw new Error(`nginx does not listen on ${port}`);
}
