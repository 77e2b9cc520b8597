import { readFile } from 'node:fs/promises';
import { AnalysisError } from './analyze/analysis-error.js';

/** The text of a file. Throws `AnalysisError`. */
export async function contentsOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new AnalysisError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
