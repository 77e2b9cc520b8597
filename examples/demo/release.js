import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SERVICE = fileURLToPath(new URL('./service.js', import.meta.url));

/** A release that runs in a process of its own. */
export class Release {
  /** Rejects when the process ends although nobody stopped it. */
  failure;
  #child;
  #isStopped = false;

  /**
   * @param {string} name
   * @param {Record<string, string>} [secrets] for its environment
   */
  constructor(name, secrets) {
    this.name = name;
    this.port = 0;
    this.#child = fork(SERVICE, [name], { env: { ...process.env, ...secrets } });
    this.failure = new Promise((_, reject) => {
      this.#child.once('exit', (code, signal) => {
        if (!this.#isStopped) reject(new Error(`the ${name} service ended by itself (${signal ?? code})`));
      });
    });
    // Without this handler, a failure that nobody waits for yet would be an unhandled rejection.
    this.failure.catch(() => {});
  }

  get pid() {
    return this.#child.pid;
  }

  /** Waits until the service listens. */
  async ready() {
    const message = new Promise((resolve) => this.#child.once('message', resolve));
    const { port } = await Promise.race([message, this.failure]);
    this.port = port;
  }

  /** Returns one of the service's two expositions. */
  async scrape(path) {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`);
    if (!response.ok) throw new Error(`${path} of the ${this.name} service responded with ${response.status}`);
    return response.text();
  }

  stop() {
    this.#isStopped = true;
    this.#child.kill();
  }
}
