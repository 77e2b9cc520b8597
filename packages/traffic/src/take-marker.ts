import type { IncomingMessage } from 'node:http';
import { EXCLUSION_HEADER } from './marker.js';
import type { Request } from './request.js';

/**
 * Removes the marker header from a request, in every form in which Node shows it.
 *
 * Returns its value, `undefined` if there is none, and `''`, which is no valid marker, if it was sent more than once.
 */
export function takeMarker(request: Request): string | undefined {
  // The raw headers always exist, while Node builds the others on first access.
  const rawHeaders = request.rawHeaders as readonly string[] | undefined;
  // Some adapters of other platforms make requests without raw headers.
  if (rawHeaders === undefined) return EXCLUSION_HEADER in request.headers ? take(request, []) : undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) if (isMarker(rawHeaders[i])) return take(request, request.rawHeaders);
  return undefined;
}

function isMarker(name: string | undefined): boolean {
  // Browsers send other names of 18 characters: the check of the first letter ('x', in either case) avoids lower-casing
  // them.
  return name?.length === 18 && (name.charCodeAt(0) | 32) === 120 && name.toLowerCase() === EXCLUSION_HEADER;
}

function take(request: Request, rawHeaders: string[]): string {
  // Node builds both of these from the raw headers as they were at first, so they must be built before a raw header is
  // removed.
  const { headers } = request;
  const { headersDistinct } = request as Partial<IncomingMessage>;
  const value = headers[EXCLUSION_HEADER];
  delete headers[EXCLUSION_HEADER];
  delete headersDistinct?.[EXCLUSION_HEADER];
  let occurrences = 0;
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2) {
    if (!isMarker(rawHeaders[i])) continue;
    rawHeaders.splice(i, 2);
    occurrences++;
  }
  return occurrences < 2 && typeof value === 'string' ? value : '';
}
