import type { Finding } from '../lint/finding.js';
import type { Linted, LintResult } from '../lint/lint.js';
import { ruleNamed } from '../lint/rules.js';
import type { Suppressed } from '../lint/suppress.js';
import { REPOSITORY } from '../project.js';
import { excerptOf } from './findings.js';
import { printableJson } from './printable.js';
import { uriOf } from './source-path.js';

const DOCUMENT = `${REPOSITORY}/blob/main/docs/lint.md`;

/** Renders findings as a log of SARIF 2.1.0 for code scanning. Suppressed findings are in it as suppressed. */
export function renderSarif({ sources, passedOver }: LintResult): string {
  const found = sources.flatMap((linted) =>
    [...linted.findings, ...linted.suppressed].map((finding) => ({ linted, finding })),
  );
  const rules = new Map(found.map(({ finding }) => [finding.rule, finding]));
  const ids = [...rules.keys()].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'coalmine',
            informationUri: REPOSITORY,
            rules: ids.map((id) => ruleOf(rules.get(id) as Finding)),
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: passedOver.map(({ source, reason }) => ({
              level: 'note',
              message: { text: `${source} is passed over, because it ${reason}` },
              locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(source) } } }],
            })),
          },
        ],
        results: found.map(({ linted, finding }) => resultOf(linted, finding, ids.indexOf(finding.rule))),
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
  return `${printableJson(JSON.stringify(log, null, 2))}\n`;
}

function ruleOf({ rule, severity }: Finding): object {
  const words = ruleNamed(rule)?.says ?? rule.replaceAll('-', ' ');
  const helpUri = `${DOCUMENT}#${rule}`;
  return {
    id: rule,
    shortDescription: { text: `${words.slice(0, 1).toUpperCase()}${words.slice(1)}` },
    help: {
      text: `What happens, and what to do: ${helpUri}`,
      markdown: `[What happens, and what to do](${helpUri})`,
    },
    helpUri,
    defaultConfiguration: { level: severity },
  };
}

function resultOf(linted: Linted, finding: Finding | Suppressed, ruleIndex: number): object {
  const { rule, severity, message, repair, line } = finding;
  const excerpt = excerptOf(linted, line);
  return {
    ruleId: rule,
    ruleIndex,
    level: severity,
    message: { text: `${message}. Repair: ${repair}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(linted.source) },
          region: { startLine: Math.max(1, line), ...(excerpt === undefined ? {} : { snippet: { text: excerpt } }) },
        },
      },
    ],
    suppressions:
      'reason' in finding
        ? [{ kind: finding.by === 'comment' ? 'inSource' : 'external', justification: finding.reason }]
        : [],
  };
}
