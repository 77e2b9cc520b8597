import { CONTENT_TYPES, type Format } from '@coalmine/metrics';
import { createExpositionFinding } from '../create-finding.js';
import type { Finding } from '../finding.js';
import { quoteShort } from './sentence.js';

/** An exposition as it was received. */
export interface Read {
  readonly text: string;
  /** The `Content-Type` of the response; absent for a file. */
  readonly contentType?: string;
}

/** Returns the format in which a scraper would read it: by its type, or by its text if it has no type. */
export function formatOf({ text, contentType }: Read): Format {
  if (contentType !== undefined) return /^application\/openmetrics-text\b/i.test(contentType) ? 'openmetrics' : 'text';
  return looksLike(text);
}

/** Checks that the type names the format of the text. */
export function checkContentType({ text, contentType }: Read): readonly Finding[] {
  if (contentType === undefined) return [];
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice('version='.length);
  const looks = looksLike(text);
  const wanted = CONTENT_TYPES[looks];
  if (type === 'application/openmetrics-text') {
    if (looks === 'openmetrics' || /^# TYPE .*_total counter$/m.test(text) === false) return [];
    return [
      wrong(
        `The type is ${quoteShort(contentType)}, but the body is the text format: there is no # EOF, and its counters are named with _total. Prometheus drops the whole scrape`,
      ),
    ];
  }
  if (type !== 'text/plain') {
    return [
      wrong(
        `The type is ${quoteShort(contentType)}, but the body is ${wanted}. Prometheus 3 drops a scrape of a type that it does not know, and Prometheus 2 reads it as text`,
      ),
    ];
  }
  if (looks === 'openmetrics')
    return [
      wrong(
        `The type is ${quoteShort(contentType)}, but the body is OpenMetrics. Prometheus reads it as text: its counters lose their type, and one exemplar breaks the whole scrape`,
      ),
    ];
  if (version !== undefined && version.replaceAll('"', '') !== '0.0.4' && version !== '1.0.0') {
    return [wrong(`The type has the version ${version}, but the text format has 0.0.4. Prometheus 3 drops the scrape`)];
  }
  return [];
}

function wrong(message: string): Finding {
  return createExpositionFinding('content-type', 1, message);
}

function looksLike(text: string): Format {
  return /^# EOF$/m.test(text) ? 'openmetrics' : 'text';
}
