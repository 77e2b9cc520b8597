// About 7 kB with the default buckets, which a small service does not feel. A thousand cells are 16 blocks.
const CELLS_PER_BLOCK = 64;

/** The numbers of several cells, one after another. */
export interface Block {
  readonly numbers: Float64Array;
  /** The owner of this block, which has the numbers of further cells. */
  readonly owner: CellNumbers;
}

/**
 * The numbers of all cells of a recorder, in a few typed arrays. A cell has about a dozen numbers: with an array of its
 * own, it would take half as much memory again.
 */
export class CellNumbers {
  /** How many numbers a cell has. */
  readonly length: number;
  // No private members, because they would make the classes of ESM and of CommonJS differ for TypeScript.
  newest: Block | undefined;
  /** How many numbers of the newest block belong to cells. */
  used = 0;

  constructor(length: number) {
    this.length = length;
  }

  /** Returns a place for the numbers of a new cell. All of them are zero. */
  allocate(): { readonly block: Block; readonly start: number } {
    if (this.newest === undefined || this.used === this.newest.numbers.length) {
      this.newest = { numbers: new Float64Array(CELLS_PER_BLOCK * this.length), owner: this };
      this.used = 0;
    }
    const start = this.used;
    this.used += this.length;
    return { block: this.newest, start };
  }
}
