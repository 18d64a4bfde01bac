/** The arithmetic of a timeline: seconds and pixels, zoom, marks, peaks. No DOM. */

/** What part of the day is shown, in seconds. */
export interface View {
  start: number;
  end: number;
}

export interface Span {
  start: number;
  end: number;
}

export const MIN_SPAN_SECONDS = 10;

export const spanOf = (view: View): number => view.end - view.start;

export function timeToX(view: View, width: number, seconds: number): number {
  return ((seconds - view.start) / spanOf(view)) * width;
}

export function xToTime(view: View, width: number, x: number): number {
  return view.start + (x / width) * spanOf(view);
}

/** Keep a view inside 0..duration and no shorter than MIN_SPAN_SECONDS (or the day, where that is shorter). */
export function clampView(view: View, duration: number): View {
  const least = Math.min(MIN_SPAN_SECONDS, duration);
  const span = Math.min(Math.max(spanOf(view), least), duration);
  const centre = (view.start + view.end) / 2;
  const wanted = spanOf(view) === span ? view.start : centre - span / 2;
  const start = Math.min(Math.max(wanted, 0), duration - span);
  return { start, end: start + span };
}

/** Zoom by `factor` (below 1 is nearer) so that `anchor` stays at its place on the screen. */
export function zoomAt(view: View, duration: number, factor: number, anchor: number): View {
  const least = Math.min(MIN_SPAN_SECONDS, duration);
  const span = Math.min(Math.max(spanOf(view) * factor, least), duration);
  const share = (anchor - view.start) / spanOf(view);
  const start = anchor - share * span;
  return clampView({ start, end: start + span }, duration);
}

export function pan(view: View, duration: number, seconds: number): View {
  const span = spanOf(view);
  const start = Math.min(Math.max(view.start + seconds, 0), Math.max(0, duration - span));
  return { start, end: start + span };
}

/**
 * The view after the length of the day has become known or has changed, in seconds. A view of the whole day stays one: the
 * length of a day that is worked on may come only with its end.
 */
export function kept(now: View, previous: number, duration: number): View {
  const isWhole = now.start === 0 && now.end === previous;
  return isWhole || now.end > duration ? { start: 0, end: duration } : now;
}

/** Return the view itself when `seconds` is inside, else one of the same length that begins a tenth before it. */
export function reveal(view: View, duration: number, seconds: number): View {
  if (seconds >= view.start && seconds <= view.end) return view;
  return pan({ start: 0, end: spanOf(view) }, duration, seconds - spanOf(view) * 0.1);
}

/** A view that shows a stretch with a margin of a tenth on either side. */
export function viewOf(span: Span, duration: number): View {
  const margin = Math.max((span.end - span.start) * 0.1, 1);
  return clampView({ start: span.start - margin, end: span.end + margin }, duration);
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600];

/** Distance between marks of the ruler, in seconds, such that labels of `labelPx` do not touch. */
export function tickStep(view: View, width: number, labelPx: number): number {
  const least = (spanOf(view) / Math.max(width, 1)) * labelPx;
  return STEPS.find((step) => step >= least) ?? STEPS[STEPS.length - 1]!;
}

/** Seconds at which the ruler has a mark. `phase` is the clock time at second 0, modulo an hour. */
export function ticks(view: View, step: number, phase: number): number[] {
  const first = Math.ceil((view.start + phase) / step) * step - phase;
  const count = Math.max(0, Math.floor((view.end - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** Index of the first of `spans` (ordered, apart from each other) that ends after `seconds`. */
export function firstAfter(spans: readonly Span[], seconds: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.end <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the span that holds `seconds`, or -1. */
export function spanAt(spans: readonly Span[], seconds: number): number {
  const index = firstAfter(spans, seconds);
  const found = spans[index];
  return found !== undefined && found.start <= seconds ? index : -1;
}

/** Index of the span that holds `seconds`, else of the last one before it, else -1. */
export function spanAtOrBefore(spans: readonly Span[], seconds: number): number {
  const index = firstAfter(spans, seconds);
  const found = spans[index];
  return found !== undefined && found.start <= seconds ? index : index - 1;
}

/** Peaks in levels, each half as fine as the one before: drawing looks at two values per pixel at most. */
export interface Pyramid {
  pointSeconds: number;
  start: number;
  levels: Float32Array[];
}

export function pyramid(peaks: ArrayLike<number>, pointSeconds: number, start = 0): Pyramid {
  let level = Float32Array.from(peaks);
  const levels = [level];
  while (level.length > 256) {
    const next = new Float32Array(Math.ceil(level.length / 2));
    for (let i = 0; i < next.length; i++) next[i] = Math.max(level[2 * i]!, level[2 * i + 1] ?? 0);
    levels.push(next);
    level = next;
  }
  return { pointSeconds, start, levels };
}

/** Largest peak between two seconds, from the level whose points are about as long as that stretch. */
export function peakBetween(tower: Pyramid, from: number, to: number): number {
  const wanted = Math.max(to - from, tower.pointSeconds);
  const height = Math.min(Math.max(0, Math.floor(Math.log2(wanted / tower.pointSeconds))), tower.levels.length - 1);
  const level = tower.levels[height]!;
  const seconds = tower.pointSeconds * 2 ** height;
  const first = Math.max(0, Math.floor((from - tower.start) / seconds));
  const last = Math.min(level.length - 1, Math.max(first, Math.ceil((to - tower.start) / seconds) - 1));
  let best = 0;
  for (let i = first; i <= last; i++) best = Math.max(best, level[i]!);
  return best;
}

/** Whether the peaks reach from the start to the end of a view. */
export function covers(tower: Pyramid, view: View): boolean {
  const end = tower.start + tower.pointSeconds * tower.levels[0]!.length;
  return tower.start <= view.start + 0.01 && end >= view.end - tower.pointSeconds;
}

/** Where a handle near `x` belongs: the nearest border of `edges` within `reach` pixels, or -1. */
export function hitEdge(view: View, width: number, edges: readonly number[], x: number, reach: number): number {
  let best = -1;
  let distance = reach;
  edges.forEach((edge, index) => {
    const away = Math.abs(timeToX(view, width, edge) - x);
    if (away <= distance) {
      distance = away;
      best = index;
    }
  });
  return best;
}

/** Read "start-end" of an address as a view; null when it is none. */
export function parseView(value: string | undefined, duration: number): View | null {
  const parts = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(value ?? "");
  if (!parts) return null;
  const view = { start: Number(parts[1]), end: Number(parts[2]) };
  return view.end > view.start && view.start < duration ? clampView(view, duration) : null;
}

/** Write a view for an address; undefined for the whole day. */
export function formatView(view: View, duration: number): string | undefined {
  if (view.start <= 0.05 && view.end >= duration - 0.05) return undefined;
  return `${view.start.toFixed(1)}-${view.end.toFixed(1)}`;
}
