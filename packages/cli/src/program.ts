import { readFileSync } from 'node:fs';
import { CoalmineError } from '@coalmine/options';
import { Command, CommanderError } from 'commander';
import { AnalysisError } from './analysis-error.js';
import { analyzeCommand } from './commands/analyze.js';
import { checkCommand } from './commands/check.js';
import { explainCommand } from './commands/explain.js';
import { lintCommand } from './commands/lint.js';
import { manifestsCommand } from './commands/manifests.js';
import { planCommand } from './commands/plan.js';
import { EXIT } from './exit.js';
import { printable } from './report/printable.js';

/** Runs the command line and answers the exit code. What is wrong with its use is said on stderr. */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = EXIT.good;
  const exit = (wanted: number): void => {
    code = wanted;
  };
  const program = new Command('coalmine')
    .version(version())
    .description('Canary releases that are decided right: manifests, a linter, and the verdict of the controllers.')
    .addCommand(manifestsCommand())
    .addCommand(planCommand())
    .addCommand(checkCommand(exit))
    .addCommand(lintCommand(exit))
    .addCommand(analyzeCommand(exit))
    .addCommand(explainCommand());
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeErr: (text) => process.stderr.write(printable(text)) })
      .showHelpAfterError('(--help tells how)');
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.misused;
    const isExpected = error instanceof CoalmineError || error instanceof AnalysisError;
    // What is unexpected is a defect of Coalmine, and says nothing of what was looked at: 1 would.
    const { message, stack } = error as Error;
    process.stderr.write(printable(`coalmine: ${isExpected ? message : `this is a defect: ${stack}`}\n`));
    return EXIT.misused;
  }
}

/** That of the package, which stands beside what is built and beside the source. */
function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
