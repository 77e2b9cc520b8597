import type { Path, SourceObject } from '../../controllers/objects.js';
import type { Report } from './findings.js';

/** A text that is not a duration. */
interface InvalidDuration {
  readonly object: SourceObject;
  readonly path: Path;
  readonly text: string;
  /** What the controller does with such a text. The API server refuses a number before any controller sees it. */
  readonly consequence: string;
  readonly repair: string;
}

/** Reports a text, or a number without a unit, where a duration belongs. */
export function reportInvalidDuration(
  { object, path, text, consequence, repair }: InvalidDuration,
  report: Report,
): void {
  const written = path.reduce<unknown>((of, key) => Object(of)[key], object.written);
  report(
    'invalid-duration',
    object.at(path),
    typeof written === 'number'
      ? `${text} is a number, but a duration is a text with a unit: the API server refuses the ${object.kind}`
      : `${text} is not a duration: ${consequence}`,
    repair,
  );
}
