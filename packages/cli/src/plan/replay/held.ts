import type { Release } from '../../release/release.js';
import type { Pod } from '../history/pods.js';
import type { Reader, Span } from '../history/reader.js';
import { podsNamed } from '../history/samples.js';
import type { Template } from './template.js';

// The most samples of pods that are replayed together in memory at a time: some 200 MB.
const MOST_HELD = 3_000_000;

/** Returns how many of some pods may be in memory at a time, with their samples of a span. */
export async function countHeld(
  release: Release,
  template: Template,
  pods: readonly Pod[],
  span: Span,
  reader: Reader,
): Promise<number> {
  const selector = `{__name__=~"${template.series.join('|')}",${podsNamed(release, pods)}}`;
  const seconds = Math.max(1, span.end - span.start);
  const counted = await reader.counted(selector, { ...span, step: seconds / 4 });
  const samples = ((counted?.series ?? 1) * seconds) / release.analysis.scrapeSeconds;
  return Math.floor((MOST_HELD / samples) * pods.length);
}
