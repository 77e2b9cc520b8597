import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidOption } from '@coalmine/options';
import { Argument, Command, Option } from 'commander';
import { readConfig } from '../config-file.js';
import { ANNOTATION_BYTES, annotationBytes } from '../manifests/apply-size.js';
import { manifestsFor } from '../manifests/manifests.js';
import { SCRAPES, type Scrape } from '../manifests/prometheus.js';
import { TARGETS, type Target } from '../manifests/target.js';
import { FLAGS, mergeFlags, NAME_IS_NEEDED, nameFlagInErrors } from './release-flags.js';

/** Returns `coalmine manifests`. */
export function manifestsCommand(): Command {
  const command = new Command('manifests')
    .summary('write the manifests for a controller, Prometheus or Grafana')
    .description(
      'Writes YAML: the analysis with its queries, the release and its probes (argo, flagger), the scrape and the rules (prometheus: for its operator; rules: a rule file), or a dashboard (grafana: JSON). All of them come from one objective.',
    )
    .addArgument(new Argument('<target>', 'tool that reads the manifests').choices(TARGETS))
    .option('-c, --config <file>', 'options of the release (default: coalmine.config.json or .yaml, if there is one)')
    .option('-o, --out <directory>', 'write files to this directory instead of printing')
    .addOption(
      new Option('--scrape <how>', 'for prometheus: how Prometheus finds the pods')
        .choices(SCRAPES)
        .default('pod-monitor'),
    )
    .option('--json', 'print the objects as JSON; with --out, print the paths of the files')
    .addHelpText(
      'after',
      `
Examples:
  coalmine manifests argo --name checkout --namespace shop --router nginx
  coalmine manifests flagger -c coalmine.config.yaml -o deploy/
  coalmine manifests prometheus --name checkout | kubectl apply -f -

Exit codes: 0 written, 2 an option cannot be used.`,
    );
  for (const [, flag] of FLAGS) command.addOption(flag);
  return command.action(async (target: Target, flags: Flags) => {
    const options = mergeFlags(await readConfig(flags.config), command);
    if (options.name === undefined) throw new InvalidOption('name', NAME_IS_NEEDED, undefined);
    const scrape = command.getOptionValueSource('scrape') === 'cli' ? flags.scrape : undefined;
    const files = nameFlagInErrors(command, () => manifestsFor(target, options, scrape));
    const objects = files.flatMap((file) => file.objects);
    objects.forEach(warnIfLong);
    if (flags.out !== undefined) {
      const paths = await write(files, flags.out);
      process[flags.json ? 'stdout' : 'stderr'].write(
        flags.json ? `${JSON.stringify(paths)}\n` : `${paths.join('\n')}\n`,
      );
      return;
    }
    process.stdout.write(
      flags.json ? `${JSON.stringify(objects, null, 2)}\n` : files.map(({ text }) => text).join('---\n'),
    );
  });
}

interface Flags {
  readonly config?: string;
  readonly out?: string;
  readonly scrape: Scrape;
  readonly json?: boolean;
}

/** Warns of an object that `kubectl apply` cannot keep in its annotations, so that the API server refuses the object. */
function warnIfLong(object: object): void {
  const { kind, metadata } = object as { readonly kind?: string; readonly metadata?: { readonly name?: string } };
  // A dashboard is not an object of Kubernetes.
  if (kind === undefined || metadata === undefined) return;
  const bytes = annotationBytes(object);
  if (bytes <= ANNOTATION_BYTES) return;
  const kept = `${Math.ceil(bytes / 1024)} KiB in its annotations, where ${ANNOTATION_BYTES / 1024} KiB are allowed`;
  const instead = 'use `kubectl apply --server-side`, or write the queries as recording rules';
  process.stderr.write(`${kind} ${metadata.name} is too long for \`kubectl apply\`, which keeps ${kept}: ${instead}\n`);
}

async function write(files: ReturnType<typeof manifestsFor>, directory: string): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true });
  return Promise.all(
    files.map(async ({ name, text }) => {
      const path = join(directory, name);
      await writeFile(path, text);
      return path;
    }),
  );
}
