import type { Format } from '@coalmine/metrics';
import type { Family, FamilyType, Sample } from './exposition.js';

// The names of samples, by the type of their family.
const SUFFIXES: Readonly<Record<Format, Readonly<Partial<Record<FamilyType, readonly string[]>>>>> = {
  text: { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] },
  openmetrics: {
    counter: ['_total', '_created', ''],
    histogram: ['_bucket', '_sum', '_count', '_created'],
    gaugehistogram: ['_bucket', '_gsum', '_gcount'],
    summary: ['', '_sum', '_count', '_created'],
    info: ['_info'],
  },
};

/** A family that is still being read. */
export interface FamilyDraft extends Omit<Family, 'samples'> {
  type: FamilyType;
  readonly samples: Sample[];
  /** The keywords of its metadata lines so far. */
  readonly told: Set<string>;
  isClosed: boolean;
}

/** The families of an exposition, from the lines so far. */
export interface Families {
  /** Returns the family of a line of metadata. */
  open(name: string, line: number): FamilyDraft;
  /** Returns the family of a sample. */
  of(name: string, labels: ReadonlyMap<string, string>, line: number): FamilyDraft;
  /** Returns the families with samples, in the order in which they came. */
  all(): readonly Family[];
  /** Returns the names of the families without samples. */
  idle(): readonly string[];
}

export function createFamilies(format: Format): Families {
  const drafts = new Map<string, FamilyDraft>();
  return {
    open,
    of,
    all: () => [...drafts.values()].filter(({ samples }) => samples.length > 0),
    idle: () => [...drafts.values()].flatMap(({ name, samples }) => (samples.length > 0 ? [] : [name])),
  };

  function of(name: string, labels: ReadonlyMap<string, string>, number: number): FamilyDraft {
    for (const [type, suffixes] of Object.entries(SUFFIXES[format])) {
      for (const suffix of suffixes) {
        const family = name.endsWith(suffix) ? drafts.get(name.slice(0, name.length - suffix.length)) : undefined;
        if (family?.type === type) return family;
      }
    }
    // Without a # TYPE line, buckets still belong to a histogram: a query ignores types.
    if (name.endsWith('_bucket') && labels.has('le') && !drafts.has(name)) {
      const family = open(name.slice(0, -'_bucket'.length), number);
      if (family.type === 'unknown') family.type = 'histogram';
      return family;
    }
    return open(name, number);
  }

  function open(name: string, line: number): FamilyDraft {
    const known = drafts.get(name);
    if (known !== undefined) return known;
    const family: FamilyDraft = { name, type: 'unknown', line, samples: [], told: new Set(), isClosed: false };
    drafts.set(name, family);
    return family;
  }
}
