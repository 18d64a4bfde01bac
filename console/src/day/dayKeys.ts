import { useMay } from "../api/may";
import type { Day, Interval, Segment } from "../api/types";
import { player } from "../player/store";
import { firstAfter, pan, type Span, spanOf, type View, viewOf, zoomAt } from "../timeline/model";
import { useKeys } from "../ui/keys";
import { copyText, toast } from "../ui/parts";
import { w } from "../words";
import { type Clock, offset, parseOffset } from "../words/format";
import type { Draft } from "./edit/useDraft";
import { titleOf } from "./title";

const ZOOM_STEP = 0.5;

/** Write title, clock time and address of this moment to the clipboard. */
export async function copyMoment(day: Day, clock: Clock): Promise<void> {
  const at = player.position;
  const url = new URL(location.href);
  url.searchParams.set("t", at.toFixed(1));
  await copyText(`${titleOf(day)}, ${clock.long(at)}\n${url.href}`, w.day.linkCopied);
}

export function useDayKeys(props: {
  day: Day;
  clock: Clock;
  duration: number;
  view: View;
  setView: (change: (view: View) => View) => void;
  selection: Span | null;
  setSelection: (selection: Span | null) => void;
  segments: readonly Segment[];
  intervals: readonly Interval[];
  select: (part: Segment) => void;
  go: (part: Span) => void;
  draft: Draft;
  follow: boolean;
  setFollow: (on: boolean) => void;
  toggleReading: () => void;
  selectedId: string | null;
}): void {
  const { day, duration, setView, selection, setSelection, segments, intervals, draft } = props;
  const may = useMay();
  const zoom = (factor: number) =>
    setView((now) => {
      const at = player.position;
      const anchor = at >= now.start && at <= now.end ? at : (now.start + now.end) / 2;
      return zoomAt(now, duration, factor, anchor);
    });
  const jump = (spans: readonly Span[], by: number): Span | undefined => {
    const at = player.position;
    if (by > 0) return spans.find((part) => part.start > at + 0.05);
    // A second press within two seconds of a start goes to the one before.
    return spans.findLast((part) => part.start < at - (player.get().playing ? 2 : 0.05));
  };
  const conversation = (by: number) => {
    const found = jump(segments, by) as Segment | undefined;
    if (!found) return;
    props.select(found);
    props.go(found);
  };
  const stretch = (by: number) => {
    const found = jump(intervals, by);
    if (found) props.go(found);
  };
  const selected =
    segments.find((part) => part.id === props.selectedId) ?? segments[firstAfter(segments, player.position)];
  useKeys([
    { keys: ["["], group: "move", text: `${w.conversation.previous}`, run: () => conversation(-1) },
    { keys: ["]"], group: "move", text: w.conversation.next, run: () => conversation(1) },
    { keys: ["{"], group: "move", text: w.day.previousStretch, run: () => stretch(-1) },
    { keys: ["}"], group: "move", text: w.day.nextStretch, run: () => stretch(1) },
    { keys: ["Home"], group: "move", text: w.day.startOfDay, run: () => props.go({ start: 0, end: 0 }) },
    { keys: ["End"], group: "move", text: w.day.endOfDay, run: () => props.go({ start: duration, end: duration }) },
    { keys: ["+", "="], group: "move", text: w.day.zoomIn, run: () => zoom(ZOOM_STEP) },
    { keys: ["-"], group: "move", text: w.day.zoomOut, run: () => zoom(1 / ZOOM_STEP) },
    { keys: ["0"], group: "move", text: w.day.wholeDay, run: () => setView(() => ({ start: 0, end: duration })) },
    {
      keys: ["z"],
      group: "move",
      text: w.day.zoomToSelection,
      run: () => {
        const target = selection ?? selected;
        if (target) setView(() => viewOf(target, duration));
      },
    },
    {
      keys: ["PageDown"],
      group: "move",
      text: "Later",
      run: () => setView((now) => pan(now, duration, spanOf(now) * 0.8)),
    },
    {
      keys: ["PageUp"],
      group: "move",
      text: "Earlier",
      run: () => setView((now) => pan(now, duration, -spanOf(now) * 0.8)),
    },
    { keys: ["v"], group: "move", text: `${w.day.reading} / ${w.day.timelineView}`, run: props.toggleReading },
    { keys: ["f"], group: "move", text: w.day.follow, run: () => props.setFollow(!props.follow) },
    {
      keys: ["Shift+g"],
      group: "move",
      text: w.day.goto,
      run: () => document.querySelector<HTMLInputElement>("[data-goto]")?.focus(),
    },
    { keys: ["y"], group: "move", text: w.day.copyLink, run: () => void copyMoment(day, props.clock) },
    {
      keys: ["n"],
      group: "move",
      text: w.day.noteHere,
      run: () => {
        const field = document.querySelector<HTMLTextAreaElement>("[data-note]");
        field?.scrollIntoView({ block: "center" });
        field?.focus();
      },
    },
    ...(may.correct && day.status === "completed" && !draft.isOpen
      ? [{ keys: ["e"], group: "edit" as const, text: w.edit.start, run: draft.open }]
      : []),
    ...(draft.isOpen ? editKeys(props, selected) : []),
  ]);
  // Escape lets go of a selection when nothing is edited.
  useKeys(
    selection && !draft.isOpen
      ? [{ keys: ["Escape"], group: "move", text: w.day.clearSelection, run: () => setSelection(null) }]
      : [],
  );
}

function editKeys(
  { draft, selection, setSelection, selectedId, segments, duration }: Parameters<typeof useDayKeys>[0],
  nearest: Segment | undefined,
) {
  const chosen = segments.find((part) => part.id === selectedId);
  const at = () => player.position;
  const border = (side: "start" | "end") => {
    if (chosen && !selection) draft.border(chosen.id, side, at());
    else {
      const other = selection ?? { start: 0, end: duration };
      const next = side === "start" ? { start: at(), end: other.end } : { start: other.start, end: at() };
      if (next.end > next.start) setSelection(next);
    }
  };
  const label = (index: number) => draft.label(index, chosen?.id ?? null, selection);
  const edit = (keys: string[], text: string, run: () => void) => ({ keys, group: "edit" as const, text, run });
  return [
    edit(["i"], w.edit.startHere, () => border("start")),
    edit(["o"], w.edit.endHere, () => border("end")),
    edit(["s"], w.edit.splitHere, () => draft.split(at())),
    edit(["m"], w.edit.mergeNext, () => (chosen ?? nearest) && draft.mergeNext((chosen ?? nearest)!.id)),
    edit(["a"], w.edit.add, () => {
      if (!selection) toast(w.edit.selectFirst);
      else if (draft.add(selection)) setSelection(null);
    }),
    edit(["x"], w.edit.notConversation, () => chosen && draft.remove(chosen.id)),
    edit(["1"], w.labels.internal, () => label(0)),
    edit(["2"], w.labels.personal, () => label(1)),
    edit(["3"], w.labels.broadcast, () => label(2)),
    edit(["4"], w.labels.other_speech, () => label(3)),
    edit(["Ctrl+z"], w.edit.undo, draft.undo),
    edit(["Ctrl+Shift+z", "Ctrl+y"], w.edit.redo, draft.redo),
    edit(["Ctrl+Enter"], w.edit.save, () => void draft.save()),
    edit(["Escape"], w.edit.leave, draft.leave),
  ];
}

export { offset, parseOffset };
