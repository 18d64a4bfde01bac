import { type PointerEvent, type ReactNode, useCallback, useEffect, useMemo, useRef } from "react";
import type { Interval, Segment, Utterance } from "../api/types";
import { player } from "../player/store";
import { useColoursVersion } from "../ui/theme";
import { w } from "../words";
import type { Clock } from "../words/format";
import { Canvas } from "./Canvas";
import { Marks } from "./Marks";
import { type Pyramid, pan, type Span, spanOf, timeToX, type View, xToTime, zoomAt } from "./model";
import {
  LANES,
  paintTimeline,
  paletteOf,
  RULER_HEIGHT,
  TIMELINE_HEIGHT,
  VOICE_ROWS,
  VOICES_TOP,
  WAVE_HEIGHT,
} from "./paint";
import { useWidth } from "./useWidth";
import "./timeline.css";

export interface TimelineProps {
  duration: number;
  view: View;
  onView: (view: View) => void;
  clock: Clock;
  tower: Pyramid | null;
  /** False where it is known that the day has none. */
  hasWaveform: boolean;
  intervals: readonly Interval[];
  segments: readonly Segment[];
  utterances: readonly Utterance[];
  minConfidence: number;
  marks: readonly number[];
  selection: Span | null;
  onSelection: (selection: Span | null) => void;
  covered: readonly Span[] | null;
  selectedId: string | null;
  onSelect: (segment: Segment) => void;
  onSeek: (seconds: number) => void;
  scoreOf: (segment: Segment) => number | null;
  /** Handles of edit mode, laid over the canvas. */
  children?: (place: { width: number; view: View }) => ReactNode;
}

const DRAG_PIXELS = 4;
const ZOOM_PER_PIXEL = 1.0025;

/** Rows of voices: the rep first, then the three who speak most, everybody else in the last row. */
export function voiceRows(utterances: readonly Utterance[]): (speaker: string | null) => number {
  const seconds = new Map<string, number>();
  for (const part of utterances) {
    if (part.speaker) seconds.set(part.speaker, (seconds.get(part.speaker) ?? 0) + part.end - part.start);
  }
  const rank = [...seconds.keys()].sort((a, b) =>
    a === "REP" ? -1 : b === "REP" ? 1 : seconds.get(b)! - seconds.get(a)!,
  );
  const row = new Map(rank.map((speaker, index) => [speaker, Math.min(index, VOICE_ROWS - 1)]));
  return (speaker) => (speaker === null ? VOICE_ROWS - 1 : (row.get(speaker) ?? VOICE_ROWS - 1));
}

/** The day on one canvas, with an ordered list of buttons at the same places for keyboard and screen readers. */
export function Timeline(props: TimelineProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const colours = useColoursVersion();
  const { view, duration, onView } = props;
  // The palette is read again when the theme changes.
  const palette = useMemo(() => (width > 0 ? paletteOf(document.body) : null), [width > 0, colours]);
  const voiceRow = useMemo(() => voiceRows(props.utterances), [props.utterances]);
  const { clock, tower, intervals, segments, minConfidence, utterances, marks, selection, selectedId, covered } = props;
  const paint = useCallback(
    (context: CanvasRenderingContext2D) => {
      if (!palette) return;
      paintTimeline(context, {
        view,
        width,
        palette,
        clock,
        tower,
        intervals,
        segments,
        minConfidence,
        utterances,
        voiceRow,
        marks,
        selection,
        selectedId,
        covered,
      });
    },
    [
      view,
      width,
      palette,
      clock,
      tower,
      intervals,
      segments,
      minConfidence,
      utterances,
      voiceRow,
      marks,
      selection,
      selectedId,
      covered,
    ],
  );
  useWheelZoom(box, view, duration, width, onView);
  const drag = usePointers(props, width);
  return (
    <div className="timeline">
      <LaneNames />
      <div className="timeline-box" ref={box} style={{ blockSize: TIMELINE_HEIGHT }} {...drag}>
        <Canvas width={width} height={TIMELINE_HEIGHT} paint={paint} />
        {!props.hasWaveform && (
          <p className="no-wave tiny second">{props.covered ? w.day.waveformComes : w.day.noWaveform}</p>
        )}
        {width > 0 && <Marks {...props} width={width} />}
        {width > 0 && props.children?.({ width, view })}
        <Playhead view={view} width={width} />
      </div>
      <Legend intervals={intervals} />
    </div>
  );
}

/** What the lanes are, where there is no room for their names beside them. */
function Legend({ intervals }: { intervals: readonly Interval[] }) {
  const shown = LANES.filter((lane) => intervals.some((part) => part.label === lane.label));
  return (
    <p className="legend tiny second" aria-hidden="true">
      {shown.map((lane) => (
        <span key={lane.label}>
          <span className="kind-dot" data-label={lane.label} /> {w.labels[lane.label]}
        </span>
      ))}
    </p>
  );
}

function LaneNames() {
  return (
    <div className="lane-names tiny second" aria-hidden="true" style={{ blockSize: TIMELINE_HEIGHT }}>
      {LANES.map((lane) => (
        <span key={lane.label} style={{ insetBlockStart: lane.top + lane.height / 2 - 8 }}>
          {w.labels[lane.label]}
        </span>
      ))}
      <span style={{ insetBlockStart: VOICES_TOP }}>{w.day.voices}</span>
    </div>
  );
}

/** The playhead is a layer of its own: moving it draws nothing else. */
function Playhead({ view, width }: { view: View; width: number }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      player.onMove((seconds) => {
        const line = ref.current;
        if (!line) return;
        const x = timeToX(view, width, seconds);
        line.style.transform = `translateX(${x}px)`;
        line.style.visibility = x < 0 || x > width ? "hidden" : "visible";
      }),
    [view, width],
  );
  return <div ref={ref} className="playhead" data-testid="playhead" />;
}

function useWheelZoom(
  box: React.RefObject<HTMLDivElement | null>,
  view: View,
  duration: number,
  width: number,
  onView: (view: View) => void,
): void {
  const now = useRef({ view, duration, width, onView });
  now.current = { view, duration, width, onView };
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      const { view, duration, width, onView } = now.current;
      if (width <= 0) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const x = event.clientX - element.getBoundingClientRect().left;
        const factor = ZOOM_PER_PIXEL ** Math.max(-200, Math.min(200, event.deltaY * (event.deltaMode === 1 ? 20 : 1)));
        onView(zoomAt(view, duration, factor, xToTime(view, width, x)));
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
        event.preventDefault();
        const moved = event.deltaX || event.deltaY;
        onView(pan(view, duration, (moved / width) * spanOf(view)));
      }
    };
    // React listens passively; zooming has to keep the page from zooming too.
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [box]);
}

/** Click seeks, drag selects, two fingers pan and zoom. */
function usePointers(props: TimelineProps, width: number) {
  const pointers = useRef(new Map<number, number>());
  const start = useRef<{ x: number; isDrag: boolean } | null>(null);
  const pinch = useRef<{ view: View; from: [number, number] } | null>(null);
  const { view, duration } = props;
  const xOf = (event: PointerEvent<HTMLDivElement>) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const limit = (seconds: number) => Math.min(Math.max(seconds, 0), duration);
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      if (event.button !== 0 || (event.target as Element).closest("[role=slider]")) return;
      pointers.current.set(event.pointerId, xOf(event));
      if (pointers.current.size === 2) {
        const [a, b] = [...pointers.current.values()];
        pinch.current = { view, from: [a!, b!] };
        start.current = null;
      } else start.current = { x: xOf(event), isDrag: false };
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      if (!pointers.current.has(event.pointerId)) return;
      pointers.current.set(event.pointerId, xOf(event));
      if (pinch.current && pointers.current.size === 2) {
        const [a, b] = [...pointers.current.values()] as [number, number];
        const { view: from, from: marks } = pinch.current;
        const factor = Math.abs(marks[1] - marks[0]) / Math.max(Math.abs(b - a), 1);
        const anchor = xToTime(from, width, (marks[0] + marks[1]) / 2);
        const zoomed = zoomAt(from, duration, factor, anchor);
        const moved = ((marks[0] + marks[1] - a - b) / 2 / width) * spanOf(zoomed);
        props.onView(pan(zoomed, duration, moved));
        return;
      }
      const from = start.current;
      if (!from || (event.pointerType === "touch" && !from.isDrag)) return;
      if (!from.isDrag && Math.abs(xOf(event) - from.x) > DRAG_PIXELS) {
        from.isDrag = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }
      if (from.isDrag) {
        const [a, b] = [from.x, xOf(event)].map((x) => limit(xToTime(view, width, x))).sort((p, q) => p - q);
        props.onSelection({ start: a!, end: b! });
      }
    },
    onPointerUp: (event: PointerEvent<HTMLDivElement>) => {
      const from = start.current;
      pointers.current.delete(event.pointerId);
      start.current = null;
      if (pinch.current) {
        if (pointers.current.size === 0) pinch.current = null;
        return;
      }
      if (!from || from.isDrag) return;
      const seconds = limit(xToTime(view, width, xOf(event)));
      props.onSelection(null);
      props.onSeek(seconds);
      const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
      if (y > RULER_HEIGHT + WAVE_HEIGHT) {
        const hit = props.segments.find((part) => part.start <= seconds && part.end >= seconds);
        if (hit) props.onSelect(hit);
      }
    },
    onPointerCancel: (event: PointerEvent<HTMLDivElement>) => {
      pointers.current.delete(event.pointerId);
      start.current = null;
      pinch.current = null;
    },
  };
}
