/** The summary of a day, taken apart: what it says of each conversation stands on that conversation's card. */

import type { Segment } from "../api/types";
import { parseOffset } from "../words/format";

export interface Digest {
  /** What is said of the day as a whole. */
  whole: string[];
  /** By the conversation's id. */
  parts: Map<string, string>;
}

// Summaries of earlier versions name the time alone: "1:38 Windows with Mrs Carter: ...".
const SENTENCES = /(?<=[.!?]) (?=(?:At )?\d{1,2}:\d{2}(?::\d{2})? )|(?<=[.!?]) (?=Listen to: )/;
const OF_ONE = /^(?:At )?(\d{1,2}:\d{2}(?::\d{2})?)(?: into the recording,)? (.*)$/s;
const SLACK_SECONDS = 1.5;

/**
 * Take a summary apart by the conversations that it names with time and title.
 *
 * A sentence that names none, or one that was removed, stays with the day, so that no sentence is lost.
 */
export function digestOf(summary: string, segments: readonly Segment[]): Digest {
  const whole: string[] = [];
  const parts = new Map<string, string>();
  for (const sentence of summary.split(SENTENCES)) {
    const [, time, rest] = OF_ONE.exec(sentence) ?? [];
    const at = time === undefined ? null : parseOffset(time);
    const segment =
      at === null
        ? undefined
        : segments.find((part) => Math.abs(part.start - at) <= SLACK_SECONDS && rest!.startsWith(`${part.title}: `));
    if (segment && !parts.has(segment.id)) parts.set(segment.id, capital(rest!.slice(`${segment.title}: `.length)));
    else if (sentence) whole.push(sentence);
  }
  return { whole, parts };
}

const PLACE = /(?<=[”"] at )(\d{1,2}:\d{2}(?::\d{2})?)(?=[\s,.;]|$)/;

/** A sentence as texts and as the seconds of the recording that it names after a title or a quote. */
export function placesIn(sentence: string, duration: number): (string | number)[] {
  return sentence.split(PLACE).map((piece, index) => {
    const at = index % 2 === 1 ? parseOffset(piece) : null;
    return at !== null && at <= duration ? at : piece;
  });
}

const capital = (text: string): string => text.replace(/^\p{Ll}/u, (first) => first.toUpperCase());
