import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** Builds the packages where one of these is not built: a plain Node process knows nothing of TypeScript. */
export function build(...packages: readonly string[]): void {
  if (packages.every((name) => existsSync(new URL(`packages/${name}/dist/index.js`, root)))) return;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: fileURLToPath(root), stdio: 'inherit' });
}
