import { type PointerEvent, useCallback, useEffect, useMemo, useRef } from "react";
import type { Interval } from "../api/types";
import { player } from "../player/store";
import { useColoursVersion } from "../ui/theme";
import { Canvas } from "./Canvas";
import { clampView, spanOf, timeToX, type View, xToTime } from "./model";
import { paintStrip, paletteOf } from "./paint";
import { useWidth } from "./useWidth";

const HEIGHT = 24;

/** The whole day in 24 pixels, with a frame around what the timeline shows. Pointers drag the frame; keys zoom. */
export function Minimap(props: {
  duration: number;
  view: View;
  intervals: readonly Interval[];
  onView: (view: View) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const colours = useColoursVersion();
  const { duration, view, intervals } = props;
  // The palette is read again when the theme changes.
  const palette = useMemo(() => (width > 0 ? paletteOf(document.body) : null), [width > 0, colours]);
  const all = useMemo(() => ({ start: 0, end: duration }), [duration]);
  const paint = useCallback(
    (context: CanvasRenderingContext2D) => {
      if (palette) paintStrip(context, intervals, all, { width, height: HEIGHT, recordedEnd: duration }, palette);
    },
    [palette, intervals, all, width, duration],
  );
  useEffect(
    () =>
      player.onMove((seconds) => {
        if (line.current) line.current.style.transform = `translateX(${timeToX(all, width, seconds)}px)`;
      }),
    [all, width],
  );
  const centre = (event: PointerEvent<HTMLDivElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const at = xToTime(all, width, x);
    const half = spanOf(view) / 2;
    const start = Math.min(Math.max(at - half, 0), Math.max(0, duration - 2 * half));
    props.onView(clampView({ start, end: start + 2 * half }, duration));
  };
  const left = timeToX(all, width, view.start);
  const isWhole = spanOf(view) >= duration - 0.5;
  return (
    <div
      className="minimap"
      ref={box}
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        centre(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) centre(event);
      }}
    >
      <Canvas width={width} height={HEIGHT} paint={paint} />
      {!isWhole && (
        <div
          className="minimap-frame"
          style={{ transform: `translateX(${left}px)`, inlineSize: Math.max(timeToX(all, width, view.end) - left, 4) }}
        />
      )}
      <div ref={line} className="minimap-line" />
    </div>
  );
}
