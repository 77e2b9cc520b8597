import { analyzeCommand } from '../../packages/cli/src/commands/analyze.js';
import { checkCommand } from '../../packages/cli/src/commands/check.js';
import { lintCommand } from '../../packages/cli/src/commands/lint.js';
import { manifestsCommand } from '../../packages/cli/src/commands/manifests.js';
import { planCommand } from '../../packages/cli/src/commands/plan.js';
import { parseRelease } from '../../packages/cli/src/release/release.js';

/** The part of a command that scripts depend on. */
export interface CommandInterface {
  readonly usage: string;
  readonly flags: readonly string[];
  readonly exitCodes: string;
}

/** Returns the commands of `coalmine` with their flags, and with the exit codes from their help. */
export function readCommands(): readonly CommandInterface[] {
  const exit = (): void => {};
  return [manifestsCommand(), planCommand(), checkCommand(exit), lintCommand(exit), analyzeCommand(exit)].map(
    (command) => ({
      usage: `coalmine ${command.name()} ${command.usage()}`,
      flags: command.options.map(({ flags, argChoices }) =>
        argChoices ? `${flags}: ${argChoices.join(', ')}` : flags,
      ),
      exitCodes: exitCodesOf(command),
    }),
  );
}

function exitCodesOf(command: ReturnType<typeof manifestsCommand>): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const [, codes] = /^Exit codes: ([\s\S]*)/m.exec(help) ?? [];
  if (codes === undefined) throw new Error(`the help of ${command.name()} has no exit codes`);
  return codes.replace(/\s+/g, ' ').trim();
}

/** Returns the keys of a config file, with the keys of groups, as the error about an unknown key lists them. */
export function readConfigKeys(at: readonly string[] = []): readonly string[] {
  return keysAt(at).flatMap((key) => {
    const path = [...at, key];
    return [path.join('.'), ...(isGroup(path) ? readConfigKeys(path) : [])];
  });
}

/** Returns whether the keys of a group are known. `workload.labels`, for example, takes any key. */
function isGroup(path: readonly string[]): boolean {
  return keysAt(path).length > 0;
}

function keysAt(path: readonly string[]): readonly string[] {
  const given = [...path, 'unknown'].reduceRight<unknown>((value, key) => ({ [key]: value }), 1);
  try {
    parseRelease({ name: 'shop', ...(given as object) });
  } catch (error) {
    const [, list] = /unknown must be left out: \S+ takes (.*), got/.exec((error as Error).message) ?? [];
    if (list !== undefined) return list.split(', ');
  }
  return [];
}
