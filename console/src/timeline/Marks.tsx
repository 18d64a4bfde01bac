import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Interval, Segment } from "../api/types";
import { w } from "../words";
import { spokenDuration, sureness } from "../words/format";
import { timeToX } from "./model";
import { LANES } from "./paint";
import type { TimelineProps } from "./Timeline";

type Mark = { key: string; start: number; end: number; segment: Segment | null; interval: Interval | null };

/** Stretches that are too short to be worth a stop of their own when a day has hundreds. */
const LEAST_SECONDS = 5;
const MOST_MARKS = 300;

function marksOf(segments: readonly Segment[], intervals: readonly Interval[]): Mark[] {
  const others = intervals.filter(
    (part) => part.label !== "customer" && part.label !== "silence" && part.end - part.start >= LEAST_SECONDS,
  );
  const most = Math.max(0, MOST_MARKS - segments.length);
  const kept =
    others.length <= most ? others : [...others].sort((a, b) => b.end - b.start - (a.end - a.start)).slice(0, most);
  return [
    ...segments.map((part) => ({ key: part.id, start: part.start, end: part.end, segment: part, interval: null })),
    ...kept.map((part) => ({
      key: `at ${part.start}`,
      start: part.start,
      end: part.end,
      segment: null,
      interval: part,
    })),
  ].sort((a, b) => a.start - b.start);
}

/** Buttons at the places of what the canvas shows: one tab stop, arrows move, Enter goes there. */
export function Marks(props: TimelineProps & { width: number }) {
  const { segments, intervals, view, width, clock } = props;
  const marks = useMemo(() => marksOf(segments, intervals), [segments, intervals]);
  const [current, setCurrent] = useState<string | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const stop = marks.some((mark) => mark.key === current) ? current : (marks[0]?.key ?? null);
  const nameOf = (mark: Mark): string => {
    const times = `${clock.short(mark.start)} to ${clock.short(mark.end)}, ${spokenDuration(mark.end - mark.start)}`;
    const part = mark.segment;
    if (!part) return `${w.longLabels[mark.interval!.label]}, ${times}`;
    const score = props.scoreOf(part);
    return [
      w.day.item(part.index + 1, segments.length),
      part.title ?? "",
      times,
      part.confidence === null ? w.day.byHand : w.day.sure(sureness(part.confidence)),
      score === null ? "" : w.day.score(score),
    ]
      .filter(Boolean)
      .join(", ");
  };
  const move = (event: KeyboardEvent) => {
    const at = marks.findIndex((mark) => mark.key === stop);
    const to = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: marks.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = marks[Math.min(Math.max(to, 0), marks.length - 1)];
    if (!next) return;
    setCurrent(next.key);
    list.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(next.key)}"]`)?.focus();
  };
  return (
    <ol className="marks" ref={list} aria-label={w.day.timeline} data-arrows onKeyDown={move}>
      {marks.map((mark) => {
        const left = timeToX(view, width, mark.start);
        const wide = timeToX(view, width, mark.end) - left;
        const isIn = left + wide >= 0 && left <= width;
        const lane = LANES.find((entry) => entry.label === (mark.interval?.label ?? "customer"))!;
        return (
          <li key={mark.key}>
            <button
              type="button"
              data-key={mark.key}
              className="mark"
              tabIndex={mark.key === stop ? 0 : -1}
              aria-current={mark.segment && mark.segment.id === props.selectedId ? "true" : undefined}
              aria-label={nameOf(mark)}
              style={{
                insetInlineStart: isIn ? Math.max(left, 0) : 0,
                inlineSize: isIn ? Math.max(Math.min(left + wide, width) - Math.max(left, 0), 4) : 1,
                insetBlockStart: lane.top,
                blockSize: lane.height,
              }}
              onFocus={() => setCurrent(mark.key)}
              onClick={(event) => {
                // A pointer's click has already sought to the exact second under it.
                if (event.detail === 0) props.onSeek(mark.start);
                if (mark.segment) props.onSelect(mark.segment);
              }}
            />
          </li>
        );
      })}
    </ol>
  );
}
