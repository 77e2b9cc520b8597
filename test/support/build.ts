import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** Builds the packages if one of these is not built, because a plain Node process cannot load our TypeScript. */
export function build(...packages: readonly string[]): void {
  if (packages.every((name) => existsSync(new URL(`packages/${name}/dist/index.js`, root)))) return;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: fileURLToPath(root), stdio: 'inherit' });
}
