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

/** Runs the command line and returns the exit code. Errors in its use are printed on stderr. */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = EXIT.good;
  const exit = (wanted: number): void => {
    code = wanted;
  };
  const program = new Command('coalmine')
    .version(version())
    .description('Correct decisions for canary releases: manifests, a linter, and the verdicts of the controllers.')
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
      .showHelpAfterError('(see --help)');
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.misused;
    const isExpected = error instanceof CoalmineError || error instanceof AnalysisError;
    // An unexpected error is a defect of Coalmine, and says nothing about the input; exit code 1 would.
    const { message, stack } = error as Error;
    process.stderr.write(printable(`coalmine: ${isExpected ? message : `this is a defect of coalmine: ${stack}`}\n`));
    return EXIT.misused;
  }
}

/** Returns the version of the package, whose package.json is beside both the build and the source. */
function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
