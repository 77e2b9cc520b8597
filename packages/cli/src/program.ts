import { CoalmineError } from '@coalmine/options';
import { Command, CommanderError } from 'commander';
import { manifestsCommand } from './commands/manifests.js';

/** What the process is to end with; the same for every command. */
export const EXIT = { good: 0, bad: 1, misused: 2, undecided: 3 } as const;

/** Runs the command line and answers the exit code. Never throws: what is wrong is said on stderr. */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = EXIT.good;
  const program = new Command('coalmine')
    .description('Canary releases that are decided right: manifests, a linter, and the verdict of the controllers.')
    .showHelpAfterError('(--help tells how)')
    .exitOverride();
  program.addCommand(manifestsCommand());
  for (const command of program.commands) {
    command.exitOverride().showHelpAfterError('(--help tells how)');
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.misused;
    if (!(error instanceof CoalmineError)) throw error;
    process.stderr.write(`coalmine: ${error.message}\n`);
    code = EXIT.misused;
  }
  return code;
}
