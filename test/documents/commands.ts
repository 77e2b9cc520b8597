import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyzeCommand } from '../../packages/cli/src/commands/analyze.js';
import { checkCommand } from '../../packages/cli/src/commands/check.js';
import { explainCommand } from '../../packages/cli/src/commands/explain.js';
import { lintCommand } from '../../packages/cli/src/commands/lint.js';
import { manifestsCommand } from '../../packages/cli/src/commands/manifests.js';
import { planCommand } from '../../packages/cli/src/commands/plan.js';
import type { Block } from '../support/documents.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };

/** Returns what is wrong with the commands of a block: their syntax, our flags, scripts, packages and files. */
export function complaintsAboutCommands({ document, line, text }: Block): readonly string[] {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
  const complaints = status === 0 ? [] : [stderr.trim()];
  // npm asks on stdout whether to install, so the question would go into the pipe or the file, where nobody sees it.
  for (const [command] of text.matchAll(/npx @coalmine\/cli[^\n|>#]*[|>]/g)) complaints.push(`${command}: lacks --yes`);
  for (const words of commandsIn(text)) {
    const complaint = complaintAbout(words, dirname(document));
    if (complaint !== undefined) complaints.push(`${words.join(' ')}: ${complaint}`);
  }
  return complaints.map((complaint) => `${document}:${line}: ${complaint}`);
}

function complaintAbout(words: readonly string[], folder: string): string | undefined {
  const [program = '', ...args] = withoutVariables(words);
  if (program === 'coalmine') return complaintAboutOurs(args);
  if (program === 'npx' && args[0] === '@coalmine/cli') return complaintAboutOurs(args.slice(1));
  if (program === 'npx' && args[0] === '--yes' && args[1] === '@coalmine/cli') return complaintAboutOurs(args.slice(2));
  if (program === 'npm' && args[0] === 'run') {
    return args[1] !== undefined && args[1] in scripts ? undefined : 'there is no such script';
  }
  if (program === 'npm' && args[0] === 'install') {
    const missing = args.slice(1).filter((name) => !name.startsWith('-') && !isPackage(name.replace(/(?<=.)@.*$/, '')));
    return missing.length === 0 ? undefined : `no such package: ${missing.join(', ')}`;
  }
  const files = args.flatMap((arg, i) => {
    if (program === 'node' && /^(?:examples|release)\/.*\.js$/.test(arg)) return [arg];
    if (program === 'docker' && args[i - 1] === '-f') return [arg];
    if (program === 'prometheus' && arg.startsWith('--config.file=')) return [arg.replace('--config.file=', '')];
    if (program === 'kubectl' && args[i - 1] === '-k' && !arg.includes(':')) return [join(folder, arg)];
    if (program === 'kubectl' && /^-f$|^--patch-file$/.test(args[i - 1] ?? '') && folder.startsWith('examples/')) {
      return [join(folder, arg)];
    }
    return [];
  });
  const absent = files.filter((file) => !existsSync(join(root, file)));
  return absent.length === 0 ? undefined : `no such file: ${absent.join(', ')}`;
}

/** Returns what our command line would refuse, without running the command. */
function complaintAboutOurs([name = '', ...args]: readonly string[]): string | undefined {
  if (name === '--help') return undefined;
  const exit = (): void => {};
  const all = [
    manifestsCommand(),
    checkCommand(exit),
    lintCommand(exit),
    analyzeCommand(exit),
    explainCommand(),
    planCommand(),
  ];
  const command = all.find((each) => each.name() === name);
  if (command === undefined) return `there is no command ${name}`;
  command.exitOverride().configureOutput({ writeErr: () => {} });
  // The command is parsed, but not run.
  command.action(() => {});
  try {
    command.parse([...args], { from: 'user' });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Returns the commands of a script as words, without pipes and redirections of the shell. */
function commandsIn(text: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    let words: string[] = [];
    for (const [token = ''] of line.matchAll(
      /(?:'[^']*'|"[^"]*"|\$\((?:[^()]|\([^()]*\))*\)|[^\s'"|&;#<>]|(?<=\S)#)+|[|&;<>]+|#.*/g,
    )) {
      if (token.startsWith('#')) break;
      if (/^[|&;]+$/.test(token)) {
        commands.push(words);
        words = [];
      } else {
        words.push(token.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
      }
    }
    commands.push(words);
  }
  return commands.map(withoutRedirections).filter((words) => words.length > 0);
}

function withoutRedirections(words: readonly string[]): readonly string[] {
  const i = words.findIndex((word) => /^\d?[<>]+$/.test(word));
  return i < 0 ? words : words.slice(0, i);
}

/** Returns the words without the variables that are set only for the command. */
function withoutVariables(words: readonly string[]): readonly string[] {
  return words.slice(
    Math.max(
      0,
      words.findIndex((word) => !/^[A-Z_]+=/.test(word)),
    ),
  );
}

/** Returns whether a package is ours, or installed for the tests or an example. */
function isPackage(name: string): boolean {
  const [scope, own = ''] = name.split('/');
  if (scope === '@coalmine') return existsSync(join(root, 'packages', own, 'package.json'));
  const examples = readdirSync(join(root, 'examples')).map((example) => join('examples', example));
  return ['.', 'test', 'test/otel/current', ...examples].some((at) => existsSync(join(root, at, 'node_modules', name)));
}
