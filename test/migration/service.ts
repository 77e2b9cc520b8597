import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithRun, freePort } from '../support/server-process.js';

/** A service that two libraries instrument. */
export interface Service {
  readonly port: number;
  /** The URL of Coalmine's metrics. */
  readonly adminPort: number;
  close(): Promise<void>;
}

/** Starts a file of ./services as a process, because a library may have a registry for the whole process. */
export async function startService(file: string): Promise<Service> {
  const adminPort = await freePort();
  const child = spawn(process.execPath, [fileURLToPath(new URL(`./services/${file}`, import.meta.url))], {
    env: { ...process.env, PORT: '0', ADMIN_PORT: String(adminPort) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const close = endWithRun(child);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${file} ended before it listened (npm run build?)`);
  });
  const [said] = await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => {});
  return {
    port: Number(/^Listening on (\d+)$/m.exec(String(said))?.[1]),
    adminPort,
    close,
  };
}
