/** One question about what the templates of a release need, and its answer. */
export interface Checked {
  readonly question: string;
  /** `unknown`: it cannot be answered before something else is there. */
  readonly state: 'there' | 'missing' | 'unknown';
  /** What is there, or what is missing. */
  readonly says: string;
  /** What to do about it; absent where it is there. */
  readonly remedy?: string;
}

export function there(question: string, says: string): Checked {
  return { question, state: 'there', says };
}

export function missing(question: string, says: string, remedy: string): Checked {
  return { question, state: 'missing', says, remedy };
}

export function unknown(question: string, says: string, remedy: string): Checked {
  return { question, state: 'unknown', says, remedy };
}
