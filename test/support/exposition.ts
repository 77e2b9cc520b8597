/** The samples of an exposition, by name and labels. */
export class Exposition {
  readonly text: string;
  readonly #samples: readonly Sample[];

  constructor(text: string) {
    this.text = text;
    this.#samples = text.split('\n').flatMap(parseLine);
  }

  /** Returns the samples of a name whose labels include the given labels. */
  samples(name: string, labels: Labels = {}): readonly Sample[] {
    const wanted = Object.entries(labels);
    return this.#samples.filter(
      (sample) => sample.name === name && wanted.every(([label, value]) => sample.labels[label] === String(value)),
    );
  }

  /** Returns the value of the only such sample, or `undefined` if there is none. Throws if there are several. */
  value(name: string, labels: Labels = {}): number | undefined {
    const [sample, ...more] = this.samples(name, labels);
    if (more.length > 0) throw new Error(`${more.length + 1} samples of ${name} ${JSON.stringify(labels)}`);
    return sample?.value;
  }

  /** Returns the sum of such samples, or 0 if there is none. */
  sum(name: string, labels: Labels = {}): number {
    return this.samples(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** Returns the counted requests by `METHOD route status`, without zeros. */
  requests(name = 'http_requests_total'): Record<string, number> {
    const counted = this.samples(name).filter(({ value }) => value > 0);
    return Object.fromEntries(
      counted.map(({ labels: l, value }) => [`${l.method} ${l.route} ${l.status_code}`, value]),
    );
  }

  /** Returns the observed durations, with the keys of {@link requests}. */
  observed(name = 'http_request_duration_seconds'): Record<string, number> {
    return this.requests(`${name}_count`);
  }

  /** Returns the excluded requests by `reason class`, without zeros. */
  excluded(): Record<string, number> {
    const counted = this.samples('coalmine_excluded_requests_total').filter(({ value }) => value > 0);
    return Object.fromEntries(counted.map(({ labels: l, value }) => [`${l.reason} ${l.code_class}`, value]));
  }

  /** Returns every series: its name and its labels. */
  series(): readonly string[] {
    return this.#samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`);
  }
}

/** Returns the parsed exposition of a URL. */
export async function scrape(url: string | URL, headers: Record<string, string> = {}): Promise<Exposition> {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return new Exposition(await response.text());
}

/**
 * Scrapes until `isDone`, because the server sees a close a moment after the client. Then scrapes once more: the event loop turns
 * while a response is written, so one exposition may show a request neither in flight nor counted.
 */
export async function scrapeUntil(
  url: string | URL,
  isDone: (exposition: Exposition) => boolean,
  milliseconds = 100_000,
): Promise<Exposition> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const exposition = await scrape(url);
    if (isDone(exposition) || Date.now() > deadline) return scrape(url);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Labels = Readonly<Record<string, string | number>>;

function parseLine(line: string): Sample[] {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
  if (match === null) return [];
  const [, name = '', labels = '', value = ''] = match;
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [
    label,
    text.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c)),
  ]);
  return [
    { name, labels: Object.fromEntries(pairs), value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) },
  ];
}
