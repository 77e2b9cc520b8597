import type { CellNumbers } from './cell-numbers.js';
import { LabelledCell } from './labelled-cell.js';
import type { Labels } from './names.js';

const CODE_CLASSES = ['2xx', '3xx', '4xx', '5xx'];

/** Counts what is kept out of the clean series: requests, durations, and claims that failed. */
export class Exclusions {
  readonly #bounds: readonly number[];
  readonly #labels: Labels;
  readonly #numbers: CellNumbers;
  /** By reason and class of status. */
  readonly #requests = new Map<string, LabelledCell>();
  /** By reason. */
  readonly #durations = new Map<string, LabelledCell>();
  /** By reason. */
  readonly #rejected = new Map<string, LabelledCell>();

  constructor(
    { bounds, labels }: { readonly bounds: readonly number[]; readonly labels: Labels },
    numbers: CellNumbers,
  ) {
    this.#bounds = bounds;
    this.#labels = labels;
    this.#numbers = numbers;
  }

  /** Creates the series of a reason for which whole requests are excluded, at zero. */
  declareExcluded(reason: string): void {
    for (const codeClass of CODE_CLASSES) this.#requestsOf(reason, codeClass);
  }

  /** Creates the series of a reason for which claims are rejected, at zero. */
  declareRejected(reason: string): void {
    this.#rejectedOf(reason);
  }

  exclude(reason: string, status: number, seconds: number | undefined): void {
    this.#requestsOf(reason, `${Math.floor(status / 100)}xx`).requests++;
    if (seconds !== undefined) this.withhold(reason, seconds);
  }

  withhold(reason: string, seconds: number): void {
    const cell = this.#durations.get(reason) ?? this.#open(this.#durations, reason, { reason });
    cell.observe(seconds, this.#bounds);
  }

  reject(reason: string): void {
    this.#rejectedOf(reason).requests++;
  }

  requests(): Iterable<LabelledCell> {
    return this.#requests.values();
  }

  durations(): Iterable<LabelledCell> {
    return this.#durations.values();
  }

  rejected(): Iterable<LabelledCell> {
    return this.#rejected.values();
  }

  #requestsOf(reason: string, codeClass: string): LabelledCell {
    const key = `${reason} ${codeClass}`;
    return this.#requests.get(key) ?? this.#open(this.#requests, key, { reason, code_class: codeClass });
  }

  #rejectedOf(reason: string): LabelledCell {
    return this.#rejected.get(reason) ?? this.#open(this.#rejected, reason, { reason });
  }

  #open(cells: Map<string, LabelledCell>, key: string, labels: Labels): LabelledCell {
    const cell = new LabelledCell(this.#numbers, { ...labels, ...this.#labels });
    cells.set(key, cell);
    return cell;
  }
}
