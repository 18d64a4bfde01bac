/** What is played for a quote, a selection or a skip. No DOM. */

import { firstAfter, type Span, spanAt } from "../timeline/model";

export const LEAD_SECONDS = 2;

/** A quote plays from two seconds before its start and stops at its end. */
export function quoteRange(quote: Span, duration: number): Span {
  return { start: Math.max(0, quote.start - LEAD_SECONDS), end: Math.min(Math.max(quote.end, quote.start), duration) };
}

/** Merge spans that touch or overlap, and widen each by `margin` seconds on both sides. */
export function mergeSpans(spans: readonly Span[], margin: number): Span[] {
  const ordered = spans
    .map((span) => ({ start: Math.max(0, span.start - margin), end: span.end + margin }))
    .sort((a, b) => a.start - b.start);
  const merged: Span[] = [];
  for (const span of ordered) {
    const before = merged[merged.length - 1];
    if (before && span.start <= before.end) before.end = Math.max(before.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}

/** Speech with pauses up to two seconds left in: what "skip silence" plays. */
export const audibleSpans = (utterances: readonly Span[]): Span[] => mergeSpans(utterances, 1);

/**
 * Where playing goes on when only `wanted` spans are played.
 *
 * Returns null while `seconds` is inside one, the start of the next one, or Infinity after the last.
 */
export function skipTo(wanted: readonly Span[], seconds: number): number | null {
  if (spanAt(wanted, seconds) >= 0) return null;
  return wanted[firstAfter(wanted, seconds)]?.start ?? Number.POSITIVE_INFINITY;
}

/** Part of both lists: speech inside customer conversations, for example. */
export function intersect(a: readonly Span[], b: readonly Span[]): Span[] {
  const found: Span[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const start = Math.max(a[i]!.start, b[j]!.start);
    const end = Math.min(a[i]!.end, b[j]!.end);
    if (end > start) found.push({ start, end });
    if (a[i]!.end < b[j]!.end) i += 1;
    else j += 1;
  }
  return found;
}
