// A string, or a comment with the white space before it; the line of a comment that has a line of its own.
const STRINGS_AND_COMMENTS = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|^[ \t]*#.*\n|[ \t]*#.*/gm;

/** Returns PromQL below a comment. The PromQL must begin on a line of its own. */
export function addComment(comment: string, promql: string): string {
  return `# ${comment}\n${promql}`;
}

/** Returns PromQL without its comments, so that its lines can be joined. */
export function removeComments(promql: string): string {
  return promql.replace(STRINGS_AND_COMMENTS, '$1');
}
