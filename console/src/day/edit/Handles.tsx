import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import type { Utterance } from "../../api/types";
import { timeToX, type View, xToTime } from "../../timeline/model";
import { LANES, RULER_HEIGHT, WAVE_HEIGHT } from "../../timeline/paint";
import { w } from "../../words";
import { offset } from "../../words/format";
import { snap } from "./snap";
import type { Draft } from "./useDraft";

const SNAP_PIXELS = 8;
const KEY_STEPS: Record<string, number> = {
  ArrowLeft: -0.1,
  ArrowRight: 0.1,
  ArrowDown: -0.1,
  ArrowUp: 0.1,
  PageDown: -10,
  PageUp: 10,
};

/** The borders of the chosen conversation, to be dragged or moved by keys. Dragging snaps to pauses; Alt holds it off. */
export function Handles(props: {
  draft: Draft;
  selectedId: string | null;
  width: number;
  view: View;
  spoken: readonly Utterance[];
}) {
  const part = props.draft.state?.segments.find((entry) => entry.id === props.selectedId);
  if (!part) return null;
  return (
    <>
      <Handle {...props} id={part.id} side="start" at={part.start} number={part.index + 1} />
      <Handle {...props} id={part.id} side="end" at={part.end} number={part.index + 1} />
    </>
  );
}

function Handle(
  props: Parameters<typeof Handles>[0] & { id: string; side: "start" | "end"; at: number; number: number },
) {
  const { draft, view, width, side, at, id } = props;
  /** Pixels between pointer and border while it is dragged; null when it is not. */
  const grip = useRef<number | null>(null);
  const x = timeToX(view, width, at);
  if (x < -30 || x > width + 30) return null;
  const top = RULER_HEIGHT;
  const name = side === "start" ? w.edit.startOf(props.number) : w.edit.endOf(props.number);
  const key = (event: KeyboardEvent) => {
    const step = KEY_STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    draft.border(id, side, at + step);
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (grip.current === null) return;
    const left = event.currentTarget.parentElement!.getBoundingClientRect().left;
    const wanted = xToTime(view, width, event.clientX - left - grip.current);
    const reach = event.altKey ? 0 : (SNAP_PIXELS / width) * (view.end - view.start);
    draft.border(id, side, snap(wanted, props.spoken, reach));
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      className="handle"
      data-side={side}
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={Math.round(draft.state?.duration ?? 0)}
      aria-valuenow={Math.round(at * 10) / 10}
      aria-valuetext={offset(at, true)}
      style={{ insetInlineStart: x, insetBlockStart: top, blockSize: WAVE_HEIGHT + 4 + LANES[0]!.height }}
      onKeyDown={key}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = event.clientX - event.currentTarget.parentElement!.getBoundingClientRect().left - x;
      }}
      onPointerMove={drag}
      onPointerUp={(event) => {
        event.stopPropagation();
        grip.current = null;
      }}
      onPointerCancel={() => {
        grip.current = null;
      }}
    />
  );
}
