/** Draws a timeline on a canvas. Only what is in view is looked at. */

import type { Interval, Label, Segment, Utterance } from "../api/types";
import type { Clock } from "../words/format";
import { firstAfter, type Pyramid, peakBetween, type Span, spanOf, tickStep, ticks, timeToX, type View } from "./model";

export interface Lane {
  label: Label;
  top: number;
  height: number;
}

export const RULER_HEIGHT = 20;
export const WAVE_HEIGHT = 72;
const GAP = 2;
const LANE_HEIGHT = 14;
const CUSTOMER_HEIGHT = 20;
const LANE_LABELS: Label[] = ["customer", "internal", "personal", "broadcast", "other_speech"];

/** Places of the lanes below ruler and waveform. */
export const LANES: Lane[] = (() => {
  let top = RULER_HEIGHT + WAVE_HEIGHT + GAP * 2;
  return LANE_LABELS.map((label) => {
    const height = label === "customer" ? CUSTOMER_HEIGHT : LANE_HEIGHT;
    const lane = { label, top, height };
    top += height + GAP;
    return lane;
  });
})();
const last = LANES[LANES.length - 1]!;
export const VOICES_TOP = last.top + last.height + GAP * 2;
const VOICE_HEIGHT = 4;
export const VOICE_ROWS = 4;
export const NOTES_TOP = VOICES_TOP + VOICE_ROWS * (VOICE_HEIGHT + 1) + GAP;
export const TIMELINE_HEIGHT = NOTES_TOP + 14;

export interface Palette {
  ground: string;
  line: string;
  lineStrong: string;
  text: string;
  second: string;
  wave: string;
  accent: string;
  accentSoft: string;
  kinds: Record<Label, string>;
}

/** Read the colours from the page's own style, so that theme and contrast settings apply. */
export function paletteOf(element: Element): Palette {
  const probe = document.createElement("span");
  probe.style.display = "none";
  element.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette: Palette = {
    ground: colour("ground"),
    line: colour("line"),
    lineStrong: colour("line-strong"),
    text: colour("text"),
    second: colour("second"),
    wave: colour("wave"),
    accent: colour("accent"),
    accentSoft: colour("accent-soft"),
    kinds: {
      customer: colour("customer"),
      internal: colour("internal"),
      personal: colour("personal"),
      broadcast: colour("broadcast"),
      other_speech: colour("other_speech"),
      silence: "transparent",
    },
  };
  probe.remove();
  return palette;
}

const patterns = new Map<string, CanvasPattern | string>();

/** The pattern of a kind in its colour: solid, diagonals, dots, waves, thin. */
function fillOf(
  context: CanvasRenderingContext2D,
  label: Label,
  colour: string,
  ground: string,
): CanvasPattern | string {
  if (label === "customer" || label === "silence" || label === "other_speech") return colour;
  const key = `${label} ${colour} ${ground}`;
  const known = patterns.get(key);
  if (known) return known;
  const size = 8;
  const tile = new OffscreenCanvas(size, size);
  const draw = tile.getContext("2d")!;
  draw.fillStyle = colour;
  draw.fillRect(0, 0, size, size);
  draw.strokeStyle = ground;
  draw.fillStyle = ground;
  draw.globalAlpha = 0.75;
  draw.lineWidth = 1.5;
  draw.beginPath();
  if (label === "internal") {
    for (const shift of [-size, 0, size]) {
      draw.moveTo(shift, size);
      draw.lineTo(shift + size, 0);
    }
    draw.stroke();
  } else if (label === "personal") {
    draw.arc(2, 2, 1.2, 0, 7);
    draw.arc(6, 6, 1.2, 0, 7);
    draw.fill();
  } else {
    draw.moveTo(0, 4);
    draw.quadraticCurveTo(2, 1, 4, 4);
    draw.quadraticCurveTo(6, 7, 8, 4);
    draw.stroke();
  }
  const made = context.createPattern(tile, "repeat") ?? colour;
  patterns.set(key, made);
  return made;
}

export interface Scene {
  view: View;
  width: number;
  palette: Palette;
  clock: Clock;
  tower: Pyramid | null;
  intervals: readonly Interval[];
  segments: readonly Segment[];
  minConfidence: number;
  utterances: readonly Utterance[];
  voiceRow: (speaker: string | null) => number;
  marks: readonly number[];
  selection: Span | null;
  selectedId: string | null;
  /** What is transcribed so far, while the day is worked on. */
  covered: readonly Span[] | null;
}

/** Draw everything but the playhead, which is a layer of its own. */
export function paintTimeline(context: CanvasRenderingContext2D, scene: Scene): void {
  const { width, palette, view } = scene;
  context.clearRect(0, 0, width, TIMELINE_HEIGHT);
  paintBands(context, scene);
  paintRuler(context, scene);
  paintCovered(context, scene);
  if (scene.selection) {
    const x = timeToX(view, width, scene.selection.start);
    context.fillStyle = palette.accentSoft;
    context.fillRect(x, RULER_HEIGHT, timeToX(view, width, scene.selection.end) - x, TIMELINE_HEIGHT - RULER_HEIGHT);
  }
  paintWave(context, scene);
  paintLanes(context, scene);
  paintVoices(context, scene);
  context.fillStyle = palette.accent;
  for (const mark of scene.marks) {
    const x = timeToX(view, width, mark);
    if (x < -6 || x > width + 6) continue;
    context.beginPath();
    context.moveTo(x - 5, NOTES_TOP + 12);
    context.lineTo(x + 5, NOTES_TOP + 12);
    context.lineTo(x, NOTES_TOP + 2);
    context.fill();
  }
}

function paintRuler(context: CanvasRenderingContext2D, { view, width, palette, clock }: Scene): void {
  const step = tickStep(view, width, 76);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.lineWidth = 1;
  context.strokeStyle = palette.line;
  context.fillStyle = palette.second;
  context.beginPath();
  for (const at of ticks(view, step, clock.phaseSeconds % step)) {
    const x = Math.round(timeToX(view, width, at)) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, TIMELINE_HEIGHT);
    if (x < width - 44) context.fillText(step < 60 ? clock.long(at) : clock.short(at), x + 4, RULER_HEIGHT / 2);
  }
  context.stroke();
}

/** While a day is worked on: a line under the ruler over what is transcribed so far. */
function paintCovered(context: CanvasRenderingContext2D, { view, width, palette, covered }: Scene): void {
  context.fillStyle = palette.accent;
  for (const part of covered ?? []) {
    const x = timeToX(view, width, part.start);
    context.fillRect(x, RULER_HEIGHT, Math.max(timeToX(view, width, part.end) - x, 1), 3);
  }
}

/** A tint under every conversation, from the ruler to the voices. */
function paintBands(context: CanvasRenderingContext2D, { view, width, palette, segments }: Scene): void {
  context.fillStyle = palette.accentSoft;
  for (let i = firstAfter(segments, view.start); i < segments.length; i++) {
    const part = segments[i]!;
    if (part.start > view.end) break;
    const x = timeToX(view, width, part.start);
    context.fillRect(x, RULER_HEIGHT, Math.max(timeToX(view, width, part.end) - x, 1), NOTES_TOP - RULER_HEIGHT);
  }
}

function paintWave(context: CanvasRenderingContext2D, { view, width, palette, tower }: Scene): void {
  const middle = RULER_HEIGHT + WAVE_HEIGHT / 2;
  context.fillStyle = palette.line;
  context.fillRect(0, middle, width, 1);
  if (!tower) return;
  const perPixel = spanOf(view) / width;
  context.fillStyle = palette.wave;
  context.beginPath();
  for (let x = 0; x < width; x++) {
    const from = view.start + x * perPixel;
    // The square root keeps quiet speech visible beside single loud peaks.
    const peak = Math.sqrt(peakBetween(tower, from, from + perPixel)) * (WAVE_HEIGHT / 2 - 2);
    if (peak > 0.5) context.rect(x, middle - peak, 1, peak * 2);
  }
  context.fill();
}

function paintLanes(context: CanvasRenderingContext2D, scene: Scene): void {
  const { view, width, palette, intervals, segments } = scene;
  const end = RULER_HEIGHT + WAVE_HEIGHT;
  context.strokeStyle = palette.line;
  context.beginPath();
  for (const lane of LANES) {
    context.moveTo(0, lane.top + lane.height + 0.5);
    context.lineTo(width, lane.top + lane.height + 0.5);
  }
  context.moveTo(0, end + 0.5);
  context.lineTo(width, end + 0.5);
  context.stroke();
  for (let i = firstAfter(intervals, view.start); i < intervals.length; i++) {
    const part = intervals[i]!;
    if (part.start > view.end) break;
    const lane = LANES.find((entry) => entry.label === part.label);
    if (!lane || part.label === "customer") continue;
    const x = timeToX(view, width, part.start);
    const w = Math.max(timeToX(view, width, part.end) - x, 1);
    const colour = palette.kinds[part.label];
    context.fillStyle = fillOf(context, part.label, colour, palette.ground);
    const thin = part.label === "other_speech";
    context.fillRect(x, thin ? lane.top + 4 : lane.top, w, thin ? lane.height - 8 : lane.height);
  }
  const lane = LANES[0]!;
  for (let i = firstAfter(segments, view.start); i < segments.length; i++) {
    const part = segments[i]!;
    if (part.start > view.end) break;
    const x = timeToX(view, width, part.start);
    const w = Math.max(timeToX(view, width, part.end) - x, 2);
    const isFilled = part.status !== "below_threshold";
    context.fillStyle = isFilled ? palette.kinds.customer : palette.ground;
    context.strokeStyle = palette.kinds.customer;
    context.lineWidth = part.id === scene.selectedId ? 2 : 1;
    context.beginPath();
    context.roundRect(x + 0.5, lane.top + 0.5, Math.max(w - 1, 1), lane.height - 1, Math.min(3, w / 2));
    context.fill();
    context.stroke();
    if (part.id === scene.selectedId) {
      context.fillStyle = palette.text;
      context.fillRect(x, lane.top - 2, w, 2);
    }
    if (w > 18) paintTitle(context, part, x, w, lane, isFilled ? palette.ground : palette.text);
  }
  context.lineWidth = 1;
}

function paintTitle(
  context: CanvasRenderingContext2D,
  part: Segment,
  x: number,
  width: number,
  lane: Lane,
  colour: string,
): void {
  context.save();
  context.beginPath();
  context.rect(Math.max(x, 0) + 4, lane.top, Math.min(width - 8, 4000), lane.height);
  context.clip();
  context.fillStyle = colour;
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  const pen = part.confidence === null ? "✎ " : "";
  const left = Math.max(x, 0) + 5;
  const text = fitted(context, `${pen}${part.index + 1}`, part.title ?? "", x + width - left - 4);
  context.fillText(text, left, lane.top + lane.height / 2 + 1);
  context.restore();
}

/** A title cut to fewer letters is left out, and the number stands alone. */
const LEAST_LETTERS = 8;

/** The number with as much of the title as fits, else the number alone, else nothing. */
function fitted(context: CanvasRenderingContext2D, number: string, title: string, width: number): string {
  const fits = (text: string) => context.measureText(text).width <= width;
  const whole = `${number}  ${title}`;
  if (fits(whole)) return whole;
  let letters = title.length;
  while (letters >= LEAST_LETTERS && !fits(`${number}  ${title.slice(0, letters)}…`)) letters--;
  if (letters >= LEAST_LETTERS) return `${number}  ${title.slice(0, letters).trimEnd()}…`;
  return fits(number) ? number : "";
}

function paintVoices(context: CanvasRenderingContext2D, scene: Scene): void {
  const { view, width, palette, utterances, voiceRow } = scene;
  const rows: [number, number][][] = Array.from({ length: VOICE_ROWS }, () => []);
  for (let i = firstAfter(utterances, view.start); i < utterances.length; i++) {
    const part = utterances[i]!;
    if (part.start > view.end) break;
    const x = timeToX(view, width, part.start);
    rows[voiceRow(part.speaker)]?.push([x, Math.max(timeToX(view, width, part.end) - x, 1)]);
  }
  rows.forEach((row, index) => {
    context.fillStyle = index === 0 ? palette.accent : palette.lineStrong;
    const top = VOICES_TOP + index * (VOICE_HEIGHT + 1);
    context.beginPath();
    for (const [x, w] of row) context.rect(x, top, w, VOICE_HEIGHT);
    context.fill();
  });
}

/** Draw a day as one strip: every kind in its colour over the full height, silence as a hairline. */
export function paintStrip(
  context: CanvasRenderingContext2D,
  runs: readonly { start: number; end: number; label: Label | null }[],
  range: View,
  size: { width: number; height: number; recordedEnd: number },
  palette: Palette,
): void {
  const { width, height } = size;
  context.clearRect(0, 0, width, height);
  context.fillStyle = palette.line;
  const left = timeToX(range, width, 0);
  context.fillRect(left, height / 2, timeToX(range, width, size.recordedEnd) - left, 1);
  for (const run of runs) {
    if (run.label === null || run.label === "silence") continue;
    const x = timeToX(range, width, run.start);
    const w = Math.max(timeToX(range, width, run.end) - x, 1);
    const tall = run.label === "customer";
    context.fillStyle = fillOf(context, run.label, palette.kinds[run.label], palette.ground);
    const inset = tall ? 1 : run.label === "other_speech" ? height * 0.4 : height * 0.25;
    context.fillRect(x, inset, w, height - inset * 2);
  }
}
