import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Serves a folder on loopback below a path, with addresses without `.html` and a cache of ten minutes, as GitHub Pages does. */
export async function serve(folder: string, base: string) {
  const server = createServer(async ({ url = '' }, response) => {
    const path = decodeURIComponent(url.split('?', 1)[0] ?? '');
    const file = path.endsWith('/') ? `${path}index.html` : extname(path) === '' ? `${path}.html` : path;
    const body = file.startsWith(base)
      ? await readFile(join(folder, normalize(`/${file.slice(base.length)}`))).catch(() => undefined)
      : undefined;
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': TYPES[extname(file)] ?? 'text/plain',
      'cache-control': 'max-age=600',
    });
    response.end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
