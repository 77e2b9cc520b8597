import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { end } from '../../support/server-process.js';
import type { Environment } from './project.js';

export interface State {
  readonly state: string;
  readonly reason: string;
}

/** A process that reads the schemas of all apps, because the ORMs take long to load. */
export interface States {
  /** Returns the state of the `schema` that a module exports. Loads the module again. */
  of(module: string, env: Environment): Promise<State>;
  close(): Promise<void>;
}

export function startStates(): States {
  const script = fileURLToPath(new URL('../fixtures/states.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((answer: State) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
  return {
    of: (module, env) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.stdin.write(`${JSON.stringify({ module, env })}\n`);
      }),
    close: () => end(child),
  };
}
