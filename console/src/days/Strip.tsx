import { useCallback, useMemo, useRef } from "react";
import type { DayRow } from "../api/types";
import { Canvas } from "../timeline/Canvas";
import type { View } from "../timeline/model";
import { paintStrip, paletteOf } from "../timeline/paint";
import { useWidth } from "../timeline/useWidth";
import { useColoursVersion } from "../ui/theme";

const HEIGHT = 24;

/**
 * Where each day's strip begins and ends.
 *
 * With known clock times the same hour stands under the same hour; else every strip begins at the left and all
 * have one scale, the longest day's.
 */
export function stripRange(rows: readonly DayRow[]): (row: DayRow) => View {
  const hour = (row: DayRow): number | null => {
    if (!row.recordedAt) return null;
    const at = new Date(row.recordedAt);
    return Number.isNaN(at.getTime()) ? null : at.getHours() * 3600 + at.getMinutes() * 60 + at.getSeconds();
  };
  const longest = Math.max(1, ...rows.map((row) => row.duration ?? 0));
  const clocked = rows.filter((row) => row.duration !== null && hour(row) !== null);
  if (clocked.length !== rows.filter((row) => row.duration !== null).length || clocked.length === 0) {
    return () => ({ start: 0, end: longest });
  }
  const first = Math.min(...clocked.map((row) => hour(row)!));
  const end = Math.max(...clocked.map((row) => hour(row)! + row.duration!));
  return (row) => {
    const own = hour(row) ?? first;
    return { start: first - own, end: end - own };
  };
}

/** A day in 24 pixels of height. What it shows stands in words beside it, so it is hidden from screen readers. */
export function Strip({ runs, duration, range }: { runs: DayRow["strip"]; duration: number; range: View }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const colours = useColoursVersion();
  // The palette is read again when the theme changes.
  const palette = useMemo(() => (width > 0 ? paletteOf(document.body) : null), [width > 0, colours]);
  const paint = useCallback(
    (context: CanvasRenderingContext2D) => {
      if (palette) paintStrip(context, runs, range, { width, height: HEIGHT, recordedEnd: duration }, palette);
    },
    [palette, runs, range, width, duration],
  );
  return (
    <div ref={box} className="strip" dir="ltr">
      <Canvas width={width} height={HEIGHT} paint={paint} />
    </div>
  );
}
