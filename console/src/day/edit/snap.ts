/** Borders snap to pauses: the middle of a gap between utterances, else the nearest end of a word or utterance. */

import { firstAfter, type Span } from "../../timeline/model";

/** Longest pause whose middle is taken; in longer ones the border keeps this distance from the speech. */
export const PAUSE_SECONDS = 0.4;

/**
 * Return where a border near `seconds` belongs, or `seconds` itself where nothing is within `reach`.
 *
 * `spoken` are utterances or words, ordered. A border never falls inside a span when an edge of it is in reach.
 */
export function snap(seconds: number, spoken: readonly Span[], reach: number): number {
  const index = firstAfter(spoken, seconds);
  const candidates: number[] = [];
  for (const at of [index - 1, index, index + 1]) {
    const before = spoken[at - 1];
    const after = spoken[at];
    if (before && after) {
      const gap = after.start - before.end;
      if (gap > 0 && gap <= PAUSE_SECONDS) candidates.push((before.end + after.start) / 2);
      else if (gap > PAUSE_SECONDS) candidates.push(before.end + PAUSE_SECONDS / 2, after.start - PAUSE_SECONDS / 2);
      else candidates.push(after.start);
    } else if (after) candidates.push(Math.max(0, after.start - PAUSE_SECONDS / 2));
    else if (before) candidates.push(before.end + PAUSE_SECONDS / 2);
  }
  let best = seconds;
  let distance = reach;
  for (const candidate of candidates) {
    const away = Math.abs(candidate - seconds);
    if (away <= distance) {
      best = candidate;
      distance = away;
    }
  }
  return Math.round(best * 1000) / 1000;
}
