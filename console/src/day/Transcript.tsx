import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { wordsBetween } from "../api/queries";
import type { Interval, Label, Segment, Transcript, Utterance, Word } from "../api/types";
import { player } from "../player/store";
import { spanAt, spanAtOrBefore } from "../timeline/model";
import { Skeleton } from "../ui/parts";
import { w } from "../words";
import type { Clock } from "../words/format";
import { speakerName } from "./speakers";

export type Row =
  | { kind: "heading"; text: string; label: Label; start: number }
  | { kind: "utterance"; index: number; utterance: Utterance; label: Label; showSpeaker: boolean };

/** The transcript as rows: a heading wherever another conversation or another kind of talk begins. */
export function rowsOf(transcript: Transcript, intervals: readonly Interval[], segments: readonly Segment[]): Row[] {
  const rows: Row[] = [];
  let part = -1;
  let before: Utterance | null = null;
  transcript.utterances.forEach((utterance, index) => {
    const middle = (utterance.start + utterance.end) / 2;
    const at = spanAt(intervals, middle);
    const label = intervals[at]?.label ?? "other_speech";
    if (at !== part) {
      part = at;
      before = null;
      const segment = segments[spanAt(segments, middle)];
      const name = segment
        ? `${segment.index + 1}. ${segment.title ?? w.day.untitled(segment.index + 1)}`
        : w.longLabels[label];
      rows.push({ kind: "heading", text: name, label: segment ? "customer" : label, start: utterance.start });
    }
    rows.push({
      kind: "utterance",
      index,
      utterance,
      label,
      showSpeaker: before?.speaker !== utterance.speaker || before === null,
    });
    before = utterance;
  });
  return rows;
}

const CHARACTERS_A_LINE = 62;

export function TranscriptPanel(props: {
  dayId: string;
  transcript: Transcript;
  isLoading: boolean;
  /** What to say where there are no rows; null where the page says it elsewhere. */
  nothing: string | null;
  intervals: readonly Interval[];
  segments: readonly Segment[];
  clock: Clock;
  names: Record<string, string>;
  follow: boolean;
  onFollow: (on: boolean) => void;
  target: number | null;
}) {
  const { transcript, follow, onFollow, clock } = props;
  const { utterances } = transcript;
  const rows = useMemo(
    () => rowsOf(transcript, props.intervals, props.segments),
    [transcript, props.intervals, props.segments],
  );
  const rowOf = useMemo(() => {
    const places = new Int32Array(utterances.length);
    rows.forEach((row, place) => {
      if (row.kind === "utterance") places[row.index] = place;
    });
    return places;
  }, [rows, utterances.length]);
  const box = useRef<HTMLDivElement>(null);
  const [spoken, setSpoken] = useState(-1);
  const [stop, setStop] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => {
      const row = rows[index]!;
      if (row.kind === "heading") return 44;
      return (
        8 + Math.max(1, Math.ceil(row.utterance.text.length / CHARACTERS_A_LINE)) * 20 + (row.showSpeaker ? 18 : 0)
      );
    },
    getItemKey: (index) => {
      const row = rows[index]!;
      return row.kind === "heading" ? `h${row.start}` : row.index;
    },
    overscan: 6,
  });
  const scrollTo = useCallback(
    (utterance: number) => {
      if (utterance >= 0) virtual.scrollToIndex(rowOf[utterance] ?? 0, { align: "center" });
    },
    [virtual, rowOf],
  );
  useSpoken(utterances, setSpoken);
  const byHand = useRef(false);
  // A place that was asked for (a click on the timeline, a link) leads here; a line in view stays where it is.
  useEffect(
    () =>
      player.onJump((seconds) => {
        byHand.current = false;
        onFollow(true);
        const line = nearest(utterances, seconds);
        if (line >= 0 && !isVisible(box.current, rowOf[line] ?? 0)) scrollTo(line);
      }),
    [utterances, rowOf, scrollTo, onFollow],
  );
  // The place may have been chosen before the words were there.
  useEffect(() => {
    const at = props.target ?? player.position;
    if (at > 0 && utterances.length > 0) scrollTo(nearest(utterances, at));
  }, [props.target, utterances, scrollTo]);
  useEffect(() => {
    if (!follow || spoken < 0 || !player.get().playing) return;
    const place = rowOf[spoken] ?? 0;
    if (!isVisible(box.current, place)) virtual.scrollToIndex(place, { align: "center" });
  }, [follow, spoken, rowOf, virtual]);
  // Following pauses only when the reader's own scrolling takes the spoken row out of view.
  const scrolled = () => {
    if (!byHand.current || !follow || spoken < 0 || !player.get().playing) return;
    if (!isVisible(box.current, rowOf[spoken] ?? 0)) onFollow(false);
  };
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined || utterances.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(Math.max(stop + by, 0), utterances.length - 1);
    setStop(next);
    virtual.scrollToIndex(rowOf[next] ?? 0, { align: "auto" });
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-utterance="${next}"]`)?.focus());
  };
  const items = virtual.getVirtualItems();
  const stopIsShown = items.some((item) => item.index === rowOf[stop]);
  const firstShown = items.find((item) => rows[item.index]?.kind === "utterance");
  return (
    <section className="transcript" id="panel-transcript" aria-label={w.day.transcript}>
      <div className="row spread transcript-head">
        <h2>{w.day.transcript}</h2>
        {!follow && spoken >= 0 ? (
          <button
            type="button"
            className="button"
            onClick={() => {
              byHand.current = false;
              onFollow(true);
              scrollTo(spoken);
            }}
          >
            {w.day.backToSpoken}
          </button>
        ) : (
          <label className="check small" title="F">
            <input type="checkbox" checked={follow} onChange={(event) => onFollow(event.target.checked)} />
            {w.day.follow}
          </label>
        )}
      </div>
      {props.isLoading && <Skeleton height={36} count={8} />}
      {!props.isLoading && rows.length === 0 && props.nothing && <p className="second">{props.nothing}</p>}
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noStaticElementInteractions: watches the reader's scrolling
        <div
          ref={box}
          className="rows-box"
          onScroll={scrolled}
          onWheel={() => {
            byHand.current = true;
          }}
          onTouchMove={() => {
            byHand.current = true;
          }}
          onPointerDown={() => {
            byHand.current = true;
          }}
          onKeyDown={onKey}
          data-arrows
        >
          <ol className="rows" style={{ blockSize: virtual.getTotalSize() }} aria-label={w.day.transcript}>
            {items.map((item) => {
              const row = rows[item.index]!;
              return (
                <li
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  data-label={row.label}
                  aria-setsize={rows.length}
                  aria-posinset={item.index + 1}
                  className={
                    row.kind === "heading" ? "row-heading" : row.index === spoken ? "utterance spoken" : "utterance"
                  }
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  {row.kind === "heading" ? (
                    <h3>
                      {row.text} <span className="tiny second num">{clock.short(row.start)}</span>
                    </h3>
                  ) : (
                    <UtteranceRow
                      row={row}
                      dayId={props.dayId}
                      words={transcript.words}
                      clock={clock}
                      name={speakerName(row.utterance.speaker, props.names)}
                      isStop={row.index === stop || (!stopIsShown && item === firstShown)}
                      onFocus={() => setStop(row.index)}
                    />
                  )}
                </li>
              );
            })}
          </ol>
        </div>
      )}
    </section>
  );
}

function UtteranceRow(props: {
  row: Extract<Row, { kind: "utterance" }>;
  dayId: string;
  words: Word[];
  clock: Clock;
  name: string;
  isStop: boolean;
  onFocus: () => void;
}) {
  const { utterance, index, showSpeaker } = props.row;
  return (
    <>
      <button
        type="button"
        className="time num tiny"
        data-utterance={index}
        tabIndex={props.isStop ? 0 : -1}
        aria-label={`${props.clock.long(utterance.start)}, ${props.name}`}
        onFocus={props.onFocus}
        onClick={() => player.seek(utterance.start)}
      >
        {props.clock.long(utterance.start)}
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button beside it does the same by keyboard */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
      <div className="said" onClick={(event) => void seekToWord(event, props.dayId, utterance, props.words)}>
        {showSpeaker && props.name && (
          <span className="speaker tiny" data-rep={utterance.speaker === "REP" || undefined}>
            {props.name}
          </span>
        )}
        <p dir="auto">{utterance.text}</p>
      </div>
    </>
  );
}

/** Which word of `text` holds the character at `offset`. */
export function wordIndexAt(text: string, offset: number): number {
  return (text.slice(0, offset).match(/\S+(?=\s)/g) ?? []).length;
}

/** Seek to the word under the pointer; its time comes from the server where it is not at hand. */
async function seekToWord(event: MouseEvent, dayId: string, utterance: Utterance, words: Word[]): Promise<void> {
  if (window.getSelection()?.isCollapsed === false) return;
  const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  const at = caret?.offsetNode.nodeType === Node.TEXT_NODE ? wordIndexAt(utterance.text, caret.offset) : 0;
  if (at === 0) {
    player.seek(utterance.start);
    return;
  }
  const known = words.length > 0 ? words : await wordsBetween(dayId, utterance.start, utterance.end).catch(() => null);
  const own = (known ?? []).filter((word) => word.start >= utterance.start - 0.01 && word.end <= utterance.end + 0.01);
  player.seek(own[at]?.start ?? utterance.start);
}

function nearest(utterances: readonly Utterance[], seconds: number): number {
  const at = spanAtOrBefore(utterances, seconds);
  return at < 0 && utterances.length > 0 ? 0 : at;
}

function isVisible(box: HTMLElement | null, place: number): boolean {
  const row = box?.querySelector<HTMLElement>(`li[data-index="${place}"]`);
  if (!box || !row) return false;
  const outer = box.getBoundingClientRect();
  const inner = row.getBoundingClientRect();
  return inner.bottom > outer.top + 8 && inner.top < outer.bottom - 8;
}

function useSpoken(utterances: readonly Utterance[], set: (index: number) => void): void {
  useEffect(() => {
    let last = -2;
    return player.onMove((seconds) => {
      const now = spanAt(utterances, seconds);
      if (now !== last) {
        last = now;
        set(now);
      }
    });
  }, [utterances, set]);
}
