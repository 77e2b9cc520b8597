import { CONTENT_TYPES, type Format } from '@coalmine/metrics';
import type { Finding } from '../finding.js';
import { found } from './rules.js';
import { quoted } from './sentence.js';

/** An exposition as it came. */
export interface Read {
  readonly text: string;
  /** The `Content-Type` it came with; none of a file. */
  readonly contentType?: string;
}

/** The format that a scraper would read it in: as its type says, or as it looks where it has none. */
export function formatOf({ text, contentType }: Read): Format {
  if (contentType !== undefined) return /^application\/openmetrics-text\b/i.test(contentType) ? 'openmetrics' : 'text';
  return looksLike(text);
}

/** Whether the type is that of the format that was written. */
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
        `It says ${quoted(contentType)} and is the text format: there is no # EOF, and its counters are named with _total. Prometheus drops the whole scrape`,
      ),
    ];
  }
  if (type !== 'text/plain') {
    return [
      wrong(
        `It says ${quoted(contentType)}. Prometheus 3 drops a scrape of a type that it does not know, and 2 reads it as text; here it is ${wanted}`,
      ),
    ];
  }
  if (looks === 'openmetrics')
    return [
      wrong(
        `It says ${quoted(contentType)} and is OpenMetrics. Prometheus reads it as text: its counters lose their type, and one exemplar breaks the whole scrape`,
      ),
    ];
  if (version !== undefined && version.replaceAll('"', '') !== '0.0.4' && version !== '1.0.0') {
    return [wrong(`It says version ${version}, and the text format has 0.0.4. Prometheus 3 drops the scrape`)];
  }
  return [];
}

function wrong(message: string): Finding {
  return found('content-type', 'error', 1, message);
}

function looksLike(text: string): Format {
  return /^# EOF$/m.test(text) ? 'openmetrics' : 'text';
}
