import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { AnalysisError } from '../analysis-error.js';

/** The forms of a report; each is rendered on demand. */
export interface Report {
  html(): string;
  markdown(): string;
}

/**
 * Writes a report in the form that the name of the file asks for: Markdown for `.md`, otherwise HTML. Rejects with
 * `AnalysisError`.
 */
export async function writeReport(file: string, report: Report): Promise<void> {
  const isMarkdown = ['.md', '.markdown'].includes(extname(file).toLowerCase());
  try {
    await writeFile(file, isMarkdown ? report.markdown() : report.html());
  } catch (error) {
    throw new AnalysisError(`the report cannot be written: ${(error as Error).message}`);
  }
}
