import type { SourceFile } from '../controllers/objects.js';

/** The kind of a file that is neither a template nor an exposition. */
export interface Foreign {
  /** With an article: `a Grafana dashboard`. */
  readonly what: string;
  /** The tool that checks such a file. */
  readonly repair?: string;
}

const LINTED = /^(?:(?:Cluster)?AnalysisTemplate|AnalysisRun|Experiment|Rollout|Canary|MetricTemplate|AlertProvider)$/;

const RULES: Foreign = {
  what: 'a rule file of Prometheus',
  repair: 'Check it with `promtool check rules`.',
};
const SCRAPES: Foreign = {
  what: 'a scrape configuration of Prometheus',
  repair: 'Check it with `promtool check config`.',
};
const DASHBOARD: Foreign = { what: 'a Grafana dashboard' };
const TARGETS: Foreign = { what: 'a list of targets for Prometheus' };
const ALERTMANAGER: Foreign = {
  what: 'a configuration of Alertmanager',
  repair: 'Check it with `amtool check-config`.',
};

/**
 * Returns the kind of a file without a Kubernetes object that is not an exposition; `undefined` if it may be an
 * exposition.
 */
export function foreignIn({ file, text }: SourceFile): Foreign | undefined {
  const first = text.split('\n').find((line) => line.trim() !== '' && !/^\s*#/.test(line)) ?? '';
  // A manifest of which every line is commented out.
  const isBare = first === '' && !/^# (?:HELP|TYPE|UNIT|EOF)\b/m.test(text);
  if (isBare && /\.(?:ya?ml|json)$/i.test(file)) return { what: 'a manifest without an object' };
  // `{"http.requests",route="/"} 1` is a sample, `{"panels": …}` is JSON.
  if (/^\s*(?:\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\}?\s*$)|\[)/.test(first)) return foreignJson(text);
  const isYaml = /^(?:---(?:\s|$)|%YAML|-\s|(?:"[^"]*"|'[^']*'|[\w.\-/ ]+):(?:\s|$))/.test(first);
  return isYaml ? foreignYaml(text) : undefined;
}

function foreignJson(text: string): Foreign {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { what: 'a file that starts like JSON but is not JSON', repair: 'Correct it.' };
  }
  const top = Object(value) as { readonly dashboard?: unknown };
  const { panels } = Object(top.dashboard ?? top) as { readonly panels?: unknown };
  if (Array.isArray(panels)) return DASHBOARD;
  if (Array.isArray(value) && value.length > 0 && value.every((each) => Array.isArray(Object(each).targets))) {
    return TARGETS;
  }
  return foreignByKeys(new Set(Object.keys(top))) ?? { what: 'JSON without a Kubernetes object' };
}

function foreignYaml(text: string): Foreign {
  if (/^-\s+["']?job_name["']?\s*:/m.test(text)) return SCRAPES;
  if (/^-\s+["']?targets["']?\s*:/m.test(text)) return TARGETS;
  const keys = [...text.matchAll(/^["']?(\w+)["']?\s*:(?=\s|$)/gm)].map(([, key = '']) => key);
  return foreignByKeys(new Set(keys)) ?? { what: 'YAML without a Kubernetes object' };
}

function foreignByKeys(keys: ReadonlySet<string>): Foreign | undefined {
  if (keys.has('scrape_configs') || keys.has('rule_files')) return SCRAPES;
  if (keys.has('route') && keys.has('receivers')) return ALERTMANAGER;
  return keys.has('groups') ? RULES : undefined;
}

/** Returns the kinds of the Kubernetes objects in a text if none of them is linted; otherwise an empty list. */
export function findUnlintedKinds(text: string): readonly string[] {
  const top = [...text.matchAll(/^["']?kind["']?\s*:\s*["']?(\w+)/gm)].map(([, kind = '']) => kind);
  // An object that contains another one, such as an ApplicationSet with a Rollout, has only its own kind.
  const isWhole = top.length > 0 && !top.some((kind) => kind.endsWith('List'));
  const within = text.matchAll(/(?:^|[\s{,-])["']?kind["']?\s*:\s*["']?(\w+)/g);
  const kinds = isWhole ? top : [...within].map(([, kind = '']) => kind);
  return kinds.some((kind) => LINTED.test(kind)) ? [] : [...new Set(kinds)];
}
