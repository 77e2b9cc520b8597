import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differenceOf } from '../line-difference.js';
import { type ExpositionRule, RULES } from '../rules.js';
import { type LintExpositionOptions, lintExposition, lintOpenMetrics } from './lint-exposition.js';

const COUNTER = `# HELP http_requests_total Requests
# TYPE http_requests_total counter
http_requests_total{method="GET",route="/items/:id",status_code="200"} 5
http_requests_total{method="GET",route="/items/:id",status_code="500"} 0
`;
const HISTOGRAM = `# HELP http_request_duration_seconds Durations
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.25",method="GET",route="/items/:id",status_code="200"} 3
http_request_duration_seconds_bucket{le="0.5",method="GET",route="/items/:id",status_code="200"} 4
http_request_duration_seconds_bucket{le="1",method="GET",route="/items/:id",status_code="200"} 4
http_request_duration_seconds_bucket{le="2.5",method="GET",route="/items/:id",status_code="200"} 5
http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/items/:id",status_code="200"} 5
http_request_duration_seconds_sum{method="GET",route="/items/:id",status_code="200"} 2.5
http_request_duration_seconds_count{method="GET",route="/items/:id",status_code="200"} 5
`;
const OBJECTIVE = '# TYPE coalmine_objective_latency_seconds gauge\ncoalmine_objective_latency_seconds 0.5\n';
const HEALTHY = COUNTER + HISTOGRAM;
const OPEN_METRICS = `${HEALTHY.replace('HELP http_requests_total', 'HELP http_requests').replace('TYPE http_requests_total', 'TYPE http_requests')}# EOF
`;
const RENAMED = OPEN_METRICS.replaceAll('http_requests_total{', 'http_requests_total_total{');
const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

type Case = readonly [text: string, options?: LintExpositionOptions];

/** The healthy exposition with a request of some route, or some status, more. */
const withRequests = (...routes: readonly string[]): string =>
  COUNTER +
  routes
    .flatMap((route) =>
      [200, 500].map((status) => `http_requests_total{method="GET",route="${route}",status_code="${status}"} 1\n`),
    )
    .join('') +
  HISTOGRAM;
const inHealthy = (from: string | RegExp, to: string): string => {
  const text = HEALTHY.replaceAll(new RegExp(from, 'g'), to);
  if (text === HEALTHY) throw new Error(`there is no ${from} in the healthy exposition`);
  return text;
};
const withGauges = (count: number, label: (i: number) => string): string =>
  `${HEALTHY}# TYPE depth gauge\n${Array.from({ length: count }, (_, i) => `depth{${label(i)}} 1\n`).join('')}`;
const started = (at: number): string => `# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds ${at}\n`;

const EXPOSITION_RULES = Object.keys(RULES.exposition) as readonly ExpositionRule[];

// For each rule what it finds something in, and what is as it should be.
const CASES: Readonly<Record<ExpositionRule, { readonly falls: readonly Case[]; readonly passes: readonly Case[] }>> = {
  syntax: {
    falls: [
      [`${HEALTHY}depth many\n`],
      [`${HEALTHY}depth{queue=mail} 1\n`],
      [`${HEALTHY}depth{queue="mail" 1\n`],
      [`${HEALTHY}depth{queue="mail",queue="jobs"} 1\n`],
      [`${HEALTHY}depth 1 # {trace_id="a"} 1\n`],
      [`${HEALTHY}depth 1 soon\n`],
      [`${HEALTHY}0depth 1\n`],
      [`${HEALTHY}# TYPE depth measure\n`],
      [OPEN_METRICS.replace('# EOF', 'depth 1 # {trace_id=a} 1\n# EOF')],
      [OPEN_METRICS.replace('# EOF', '\n# EOF')],
    ],
    passes: [
      [`${HEALTHY}\n# a remark\n depth{ queue = "mail" , } 1 1700000000000\n`],
      [`${HEALTHY}{"queue.depth",queue="a \\"b\\" \\\\ \\n # } 1"} +Inf\n`],
      [OPEN_METRICS.replace('# EOF', 'depth{a="1"} 1 1700000000.5 # {trace_id="a b } #"} 0.5 1700000000\n# EOF')],
    ],
  },
  'bad-escape': { falls: [[withRequests('a\\d')]], passes: [[withRequests('a\\\\d \\"b\\"')]] },
  'late-type': {
    falls: [[`${HEALTHY}# TYPE http_requests_total counter\n`], [`# HELP depth of it\n# HELP depth again\n${HEALTHY}`]],
    passes: [[`${HEALTHY}# HELP depth of it\n# TYPE depth gauge\ndepth 1\n`]],
  },
  'split-family': {
    falls: [[`${HEALTHY}http_requests_total{method="GET",route="/b",status_code="500"} 0\n`]],
    passes: [[HISTOGRAM + COUNTER]],
  },
  'duplicate-series': {
    falls: [
      [`${HISTOGRAM}${COUNTER}http_requests_total{route="/items/:id",status_code="500",method="GET"} 1\n`],
      [
        `${COUNTER}${HISTOGRAM}http_request_duration_seconds_bucket{le="1.0",method="GET",route="/items/:id",status_code="200"} 4\n`,
      ],
    ],
    passes: [[`${HISTOGRAM}${COUNTER}http_requests_total{method="PUT",route="/items/:id",status_code="500"} 1\n`]],
  },
  'end-of-file': {
    falls: [
      [HEALTHY.trimEnd()],
      [OPEN_METRICS.replace('# EOF\n', ''), { contentType: OPEN_METRICS_TYPE }],
      [`${OPEN_METRICS}depth 1\n`],
    ],
    passes: [[OPEN_METRICS], [OPEN_METRICS.trimEnd()]],
  },
  'content-type': {
    falls: [
      [HEALTHY, { contentType: 'application/json' }],
      [HEALTHY, { contentType: '' }],
      [HEALTHY, { contentType: OPEN_METRICS_TYPE }],
      [HEALTHY, { contentType: 'text/plain; version=0.0.5' }],
      [OPEN_METRICS, { contentType: TEXT_TYPE }],
    ],
    passes: [
      [HEALTHY, { contentType: TEXT_TYPE }],
      [HEALTHY, { contentType: 'text/plain' }],
      [OPEN_METRICS, { contentType: OPEN_METRICS_TYPE }],
    ],
  },
  'counter-without-total': {
    falls: [[OPEN_METRICS.replaceAll('http_requests_total{', 'http_requests{')]],
    passes: [[OPEN_METRICS], [inHealthy('http_requests_total', 'http_requests')]],
  },
  'negative-counter': {
    falls: [[inHealthy('} 0\n', '} -1\n')]],
    passes: [[`${HEALTHY}# TYPE depth gauge\ndepth -1\n`]],
  },
  'nan-value': {
    falls: [[inHealthy('} 2.5\n', '} NaN\n')], [inHealthy('} 0\n', '} Nan\n')]],
    passes: [[`${HEALTHY}# TYPE lag_seconds gauge\nlag_seconds NaN\n`]],
  },
  'bound-not-number': {
    falls: [[inHealthy('le="1"', 'le="one"')], [inHealthy('le="1",', '')]],
    passes: [[inHealthy('le="1"', 'le="1e0"')]],
  },
  'bucket-without-inf': { falls: [[inHealthy('.*le="\\+Inf".*\n', '')]], passes: [[inHealthy('\\+Inf', 'inf')]] },
  'buckets-not-cumulative': {
    falls: [[inHealthy('(le="1",.*) 4', '$1 2')]],
    passes: [[inHealthy('(le="1",.*) 4', '$1 5')]],
  },
  'count-differs': { falls: [[inHealthy('(_count.*) 5', '$1 6')]], passes: [[inHealthy('.*_count.*\n', '')]] },
  'native-histogram': {
    falls: [[inHealthy('.*_bucket.*\n', '')], [`${HEALTHY}size {count:1,sum:2,buckets:[]}\n`]],
    passes: [[`${HEALTHY}# TYPE size summary\nsize_sum 2\nsize_count 1\n`]],
  },
  // Two formats of one address; tried below.
  'formats-differ': { falls: [], passes: [] },
  'no-requests': { falls: [[''], ['# TYPE depth gauge\ndepth 1\n']], passes: [[COUNTER], [HISTOGRAM]] },
  'no-request-counter': {
    falls: [[HISTOGRAM]],
    passes: [[COUNTER + HISTOGRAM], [inHealthy('# TYPE http_requests_total.*\n', '')]],
  },
  'no-duration-histogram': {
    falls: [[COUNTER]],
    passes: [
      [HISTOGRAM],
      [`${COUNTER}# TYPE http_requests_slow_total counter\nhttp_requests_slow_total{route="/"} 1\n`],
    ],
  },
  'objective-differs': {
    falls: [[`${HEALTHY}${OBJECTIVE}`, { objective: { latency: 0.25 } }]],
    passes: [[`${HEALTHY}${OBJECTIVE}`], [`${HEALTHY}${OBJECTIVE}`, { objective: { latency: 0.5 } }]],
  },
  'summary-instead-of-histogram': {
    falls: [
      [`${COUNTER}# TYPE http_request_duration_seconds summary\nhttp_request_duration_seconds_count 1\n`],
      [`${HEALTHY}# TYPE http_request_summary_seconds summary\nhttp_request_summary_seconds_count 1\n`],
    ],
    passes: [[`${HEALTHY}# TYPE gc_seconds summary\ngc_seconds_count 1\n`]],
  },
  'errors-without-requests': {
    falls: [['# TYPE http_errors_total counter\nhttp_errors_total{route="/"} 1\n']],
    passes: [[`${HEALTHY}# TYPE http_errors_total counter\nhttp_errors_total{route="/"} 1\n`]],
  },
  'missing-status-label': {
    falls: [[inHealthy('status_code', 'kind')]],
    passes: [[inHealthy('status_code', 'status')]],
  },
  'missing-route-label': { falls: [[inHealthy('route', 'kind')]], passes: [[inHealthy('route', 'handler')]] },
  'unexpected-name': {
    falls: [[inHealthy('route', 'path')], [HEALTHY, { names: { requests: 'shop_requests_total' } }]],
    passes: [
      [inHealthy('route', 'path'), { names: { labels: { route: 'path' } } }],
      [inHealthy('http_requests_total', 'shop_hits_total'), { names: { requests: 'shop_hits_total' } }],
    ],
  },
  'flagger-label': {
    falls: [
      [HEALTHY, { flagger: true }],
      [COUNTER, { flagger: true }],
    ],
    passes: [
      [inHealthy('status_code', 'status'), { flagger: true, names: { labels: { status_code: 'status' } } }],
      [HEALTHY],
    ],
  },
  'no-zero-series': {
    falls: [
      [inHealthy('.*"500".*\n', '')],
      [`${COUNTER}http_requests_total{method="GET",route="/b",status_code="2xx"} 1\n${HISTOGRAM}`],
    ],
    passes: [[`${COUNTER}http_requests_total{method="GET",route="/b",status_code="404"} 1\n${HISTOGRAM}`]],
  },
  'no-bound-at-objective': {
    falls: [[HEALTHY, { objective: { latency: 0.3 } }], [inHealthy('"0.5"', '"0.6"')]],
    passes: [
      [HEALTHY, { objective: { latency: 0.25 } }],
      [inHealthy('"0.5"', '"5e-1"')],
      [`${HEALTHY}${OBJECTIVE.replace('0.5', '0.25')}`],
    ],
  },
  'top-bucket-low': {
    falls: [
      [inHealthy('.*le="2.5".*\\n', '')],
      [HEALTHY, { objective: { latency: 2.5 } }],
      [HEALTHY, { objective: { latency: 5 } }],
      [HEALTHY, { objective: { latency: 1 } }],
    ],
    passes: [[HEALTHY, { objective: { latency: 0.5 } }]],
  },
  milliseconds: {
    falls: [
      [inHealthy('duration_seconds', 'duration_ms')],
      [
        inHealthy('le="(0.25|0.5|1|2.5)"', 'le="$100"')
          .replace('le="0.2500"', 'le="25"')
          .replace('le="0.500"', 'le="50"')
          .replace('le="2.500"', 'le="500"'),
      ],
    ],
    passes: [[HEALTHY]],
  },
  'path-as-label': {
    falls: [
      [withRequests('/items/3f2504e0-4f89-11d3-9a0c-0305e82c3301')],
      [withRequests('/items/1', '/items/2')],
      [withRequests('/items/184467')],
      [withRequests('/search?q=shoes')],
      [withRequests('/orders/V1StGXR8_Z5jdHi6B-myT')],
      [withRequests('/blobs/da39a3ee5e6b4b0d3255bfef')],
    ],
    passes: [
      [
        withRequests(
          '/errors/404',
          '/v1/items',
          '/v2/items',
          '/items/#val',
          '/items/{id}',
          '(unmatched)',
          '/a?',
          '/^\\\\/b\\\\?c=/',
          '/2024/review',
        ),
      ],
      [withRequests('/internationalization-settings/notification-preferences')],
    ],
  },
  'unmatched-paths': {
    falls: [
      [
        COUNTER +
          ['/.env', '/wp-login.php', '/admin']
            .map((path) => `http_requests_total{method="GET",route="${path}",status_code="404"} 1\n`)
            .join('') +
          HISTOGRAM,
      ],
    ],
    passes: [
      [
        COUNTER +
          ['/a/:id', '/b/:id', '(unmatched)']
            .map((path) => `http_requests_total{method="GET",route="${path}",status_code="404"} 1\n`)
            .join('') +
          HISTOGRAM,
      ],
    ],
  },
  'probes-counted': {
    falls: [
      [withRequests('/metrics')],
      [withRequests('/healthz')],
      [withRequests('/readyz')],
      [withRequests('/livez')],
      [withRequests('/ping')],
    ],
    passes: [
      [withRequests('/pinguins', '/health/records', '/metrics/daily')],
      [withRequests('/readyz').replaceAll(/("\/readyz".*) 1/g, '$1 0')],
    ],
  },
  'unknown-method': {
    falls: [[inHealthy('GET', 'PROPFOUND')]],
    passes: [[inHealthy('GET', '_OTHER')], [inHealthy('GET', 'get')]],
  },
  'unbounded-label': {
    falls: [
      [withGauges(30, (i) => `user="${10_000 + i}"`)],
      [withGauges(30, (i) => `ip="10.0.0.${i}"`)],
      [withGauges(30, (i) => `mail="user${i}@example.com"`)],
    ],
    passes: [[withGauges(30, (i) => `worker="${i}"`)], [withGauges(5, (i) => `ip="10.0.0.${i}"`)]],
  },
  'many-series': {
    falls: [[withGauges(1_200, (i) => `name="n${i}"`)]],
    passes: [[withGauges(900, (i) => `name="n${i}"`)]],
  },
  'counter-decreased': {
    falls: [[HEALTHY, { before: inHealthy('} 5\n', '} 7\n') }]],
    passes: [
      [HEALTHY, { before: inHealthy('} 5\n', '} 2\n') }],
      [`${HEALTHY}# TYPE depth gauge\ndepth 1\n`, { before: `${HEALTHY}# TYPE depth gauge\ndepth 9\n` }],
    ],
  },
  'series-vanished': {
    falls: [[HEALTHY, { before: withRequests('/b') }]],
    passes: [
      [withRequests('/b'), { before: HEALTHY }],
      [HEALTHY, { before: `${HEALTHY}# TYPE depth gauge\ndepth 1\n` }],
    ],
  },
  'two-processes': {
    falls: [
      [HEALTHY + started(1_700_000_100), { before: inHealthy('} 5\n', '} 7\n') + started(1_700_000_000) }],
      [HEALTHY + started(1_700_000_100), { before: HEALTHY + started(1_700_000_000) }],
    ],
    passes: [1_700_000_000, 1_700_000_100].map(
      (at): Case => [HEALTHY + started(at), { before: HEALTHY + started(at) }],
    ),
  },
};

const rulesIn = ([text, options]: Case): readonly string[] => lintExposition(text, options).map(({ rule }) => rule);

describe('lintExposition', () => {
  it('finds nothing in a healthy exposition, in either format', () => {
    expect(lintExposition(HEALTHY)).toEqual([]);
    expect(lintExposition(OPEN_METRICS)).toEqual([]);
  });

  it.each(EXPOSITION_RULES)('finds %s in each exposition with the fault, and in none without it', (rule) => {
    const { falls, passes } = CASES[rule];
    for (const each of falls) expect([each, rulesIn(each)]).toEqual([each, expect.arrayContaining([rule])]);
    for (const each of passes) expect([each, rulesIn(each).includes(rule)]).toEqual([each, false]);
  });

  it('has a case for each rule that one exposition can break', () => {
    const untried = EXPOSITION_RULES.filter(
      (rule) => CASES[rule].falls.length === 0 || CASES[rule].passes.length === 0,
    );
    expect(untried).toEqual(['formats-differ']);
  });

  it('shows each rule in docs/lint.md by the lines that have the fault and those that have not', () => {
    const document = readFileSync(new URL('../../../../../docs/lint.md', import.meta.url), 'utf8');
    const [, section = ''] = /^## Expositions\n([\s\S]*)/m.exec(document) ?? [];
    const sections = Object.fromEntries(
      [...section.matchAll(/^### `([\w-]+)`\n((?:(?!^#)[\s\S])*?)```diff\n([\s\S]*?)```/gm)].map(
        ([, rule = '', text = '', difference = '']) => [
          rule,
          { flags: text.match(/`--[\w-]+[^`]*`/g) ?? [], difference },
        ],
      ),
    );
    for (const rule of EXPOSITION_RULES) {
      const [smallest = { difference: '', flags: [] }] = examplesOf(rule);
      expect(sections[rule]?.difference, rule).toBe(smallest.difference);
      expect(sections[rule]?.flags, rule).toEqual(expect.arrayContaining([...smallest.flags]));
    }
  });

  it('reports the line, the fault and the repair', () => {
    const [finding] = lintExposition(HEALTHY, { objective: { latency: 0.3 } });
    expect(finding).toEqual({
      rule: 'no-bound-at-objective',
      severity: 'error',
      line: 5,
      message: expect.stringContaining(
        'no bound at the objective of 0.3 s; the nearest bounds are 0.25 s and 0.5 s. If every request takes between these two, histogram_quantile(0.95) returns 0.4875 s, over the objective',
      ),
      repair: expect.stringContaining('Add the objective to the buckets'),
    });
  });

  it('compares bounds in the unit of the metric', () => {
    const text = HEALTHY.replaceAll('duration_seconds', 'duration_ms').replaceAll(
      /le="([\d.]+)"/g,
      (_, le) => `le="${1000 * le}"`,
    );
    expect(rulesIn([text])).not.toContain('no-bound-at-objective');
    expect(rulesIn([text, { objective: { latency: 0.3 } }])).toContain('no-bound-at-objective');
  });

  it('warns of a fault that may cause a wrong verdict, and reports the others as errors', () => {
    const findings = Object.values(CASES).flatMap(({ falls }) => falls.flatMap((each) => lintExposition(...each)));
    const warned = new Set(findings.filter(({ severity }) => severity === 'warning').map(({ rule }) => rule));
    expect([...warned].sort()).toEqual([
      'bad-escape',
      'end-of-file',
      'late-type',
      'many-series',
      'missing-route-label',
      'no-request-counter',
      'probes-counted',
      'split-family',
      'summary-instead-of-histogram',
      'top-bucket-low',
      'unexpected-name',
      'unknown-method',
      'unmatched-paths',
    ]);
  });

  it('lists a few of many broken lines, and says how many more there are', () => {
    const findings = lintExposition(`${HEALTHY}${'broken\n'.repeat(100)}`).filter(({ rule }) => rule === 'syntax');
    expect(findings).toHaveLength(6);
    expect(findings.at(-1)?.message).toMatch(/^95 more lines cannot be read, this one first: Line 19 /);
  });

  it('refuses an option that it does not know', () => {
    expect(() => lintExposition(HEALTHY, { objectives: {} } as never)).toThrow(/objectives must be left out/);
    expect(() => lintExposition(HEALTHY, { objective: { latency: -1 } })).toThrow(/objective.latency must be/);
  });
});

describe('lintOpenMetrics', () => {
  it('finds a name that only one of two formats has', () => {
    const read = { text: RENAMED, contentType: OPEN_METRICS_TYPE };
    expect(lintOpenMetrics(read, [HEALTHY, HEALTHY]).map(({ rule, message }) => [rule, message])).toEqual([
      [
        'formats-differ',
        expect.stringContaining(
          'only the text has http_requests_total; only OpenMetrics has http_requests_total_total',
        ),
      ],
    ]);
  });

  it('does not report a series that appears or disappears between the reads as a difference', () => {
    const read = {
      text: OPEN_METRICS.replace('# EOF', '# TYPE late gauge\nlate 1\n# EOF'),
      contentType: OPEN_METRICS_TYPE,
    };
    const late = `${HEALTHY}# TYPE late gauge\nlate 1\n`;
    expect(lintOpenMetrics(read, [HEALTHY, late])).toEqual([]);
    expect(lintOpenMetrics({ ...read, text: OPEN_METRICS }, [HEALTHY, late])).toEqual([]);
    // A gauge of what is open now may have no series at the other times.
    const idle = `${HEALTHY}# TYPE late gauge\n`;
    expect(lintOpenMetrics(read, [idle, idle])).toEqual([]);
    const none = OPEN_METRICS.replace('# EOF', '# TYPE late gauge\n# EOF');
    expect(lintOpenMetrics({ ...read, text: none }, [late, late])).toEqual([]);
  });
});

interface Example {
  readonly difference: string;
  /** What the command is told, as its page has that. */
  readonly flags: readonly string[];
}

/** Expositions with the fault beside those without, the closest pair first. Of two reads, the pair are the earlier ones. */
function examplesOf(rule: ExpositionRule): readonly Example[] {
  const falls: readonly Case[] = rule === 'formats-differ' ? [[RENAMED]] : CASES[rule].falls;
  const sound: readonly Case[] = [[HEALTHY], ...Object.values(CASES).flatMap(({ passes }) => passes)];
  return falls
    .filter(([, options]) => options?.names === undefined)
    .flatMap((fall) => {
      const flags = flagsOf(fall);
      return sound
        .flatMap((other) => counterpartsOf(fall, other))
        .map((counterpart) => ({ counterpart, rules: rulesIn(counterpart) }))
        .filter(({ rules }) => !rules.includes(rule))
        .map(({ counterpart, rules }) => {
          const lines = differenceOf(linesOf(fall), linesOf(counterpart)).split('\n').slice(0, -1);
          return { difference: shown(lines), flags, weight: [flags.length, rules.length, lines.length] };
        });
    })
    .filter(({ difference }) => /\w/.test(difference))
    .sort((a, b) => compared([...a.weight, a.difference.length], [...b.weight, b.difference.length]));
}

/** What is as it should be, told the options of a case that is not, in the format of that case. */
function counterpartsOf(fall: Case, [other, given]: Case): readonly Case[] {
  const [text, { contentType, before, ...options } = {}] = fall;
  if (before !== undefined) return [other, given?.before ?? other].map((each) => [text, { ...options, before: each }]);
  const counterpart: Case =
    given?.contentType === undefined || contentType === undefined
      ? [other, options]
      : [other, { ...options, contentType: given.contentType }];
  const isSame =
    isOpenMetrics(counterpart) === isOpenMetrics(fall) &&
    (counterpart[1]?.contentType === undefined) === (contentType === undefined);
  return isSame ? [counterpart] : [];
}

function isOpenMetrics([text, options]: Case): boolean {
  return text.includes('# EOF') || options?.contentType === OPEN_METRICS_TYPE;
}

function flagsOf([, options]: Case): readonly string[] {
  return [
    ...(options?.objective === undefined ? [] : [`\`--latency ${options.objective.latency}\``]),
    ...(options?.flagger === true ? ['`--flagger`'] : []),
  ];
}

function compared(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

const LINES_SHOWN = 3;

function shown(lines: readonly string[]): string {
  const some = ['-', '+'].flatMap((sign) => {
    const own = lines.filter((line) => line.startsWith(sign));
    const more = own.length - LINES_SHOWN;
    return more <= 1 ? own : [...own.slice(0, LINES_SHOWN), `${sign} … and ${more} more lines`];
  });
  return some.map((line) => `${line.trimEnd()}\n`).join('');
}

/** The lines of an exposition with its type; of two reads, those of the earlier one. */
function linesOf([text, { contentType, before } = {}]: Case): readonly string[] {
  const head = contentType === undefined ? [] : [`Content-Type: ${contentType}`];
  const lines = (before ?? text).split('\n').filter((line) => line !== '');
  return [...head, ...lines];
}
