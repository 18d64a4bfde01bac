/** Corrections of a day, with the rules of the server: segments stay ordered, apart and inside the day. No DOM. */

import type { Schema } from "../../api/typed";
import type { Interval, Label, Segment } from "../../api/types";

export const MIN_SECONDS = 1;

export type OtherLabel = Exclude<Label, "customer">;
export type RelabelKind = "internal" | "personal" | "broadcast" | "unknown";

export type Command =
  | { op: "adjust"; id: string; start?: number; end?: number; title?: string }
  | { op: "split"; id: string; at: number; newId: string }
  | { op: "merge"; ids: string[] }
  | { op: "relabel"; id: string; kind: RelabelKind }
  | { op: "remove"; id: string }
  | { op: "add"; start: number; end: number; title?: string; newId: string }
  | { op: "label"; start: number; end: number; label: OtherLabel };

/** A segment while it is corrected. `isTouched`: it will be analysed again. */
export interface DraftSegment extends Segment {
  isTouched: boolean;
}

export interface DayState {
  duration: number;
  segments: DraftSegment[];
  intervals: Interval[];
}

export class Refused extends Error {}

const ms = (seconds: number): number => Math.round(seconds * 1000) / 1000;

export function stateOf(duration: number, segments: readonly Segment[], intervals: readonly Interval[]): DayState {
  return { duration, segments: segments.map((part) => ({ ...part, isTouched: false })), intervals: [...intervals] };
}

/** Apply one command. Throws Refused with a sentence for the person when it does not fit. */
export function apply(state: DayState, command: Command): DayState {
  switch (command.op) {
    case "adjust":
      return adjust(state, command);
    case "split":
      return split(state, command);
    case "merge":
      return merge(state, command.ids);
    case "relabel":
      return takeOut(state, command.id, command.kind === "unknown" ? "other_speech" : command.kind);
    case "remove":
      return takeOut(state, command.id, "other_speech");
    case "add":
      return add(state, command);
    case "label":
      return label(state, command);
  }
}

export const applyAll = (state: DayState, commands: readonly Command[]): DayState => commands.reduce(apply, state);

function find(state: DayState, id: string): DraftSegment {
  const found = state.segments.find((part) => part.id === id);
  if (!found) throw new Refused("That conversation is not there any more.");
  return found;
}

function adjust(state: DayState, command: Extract<Command, { op: "adjust" }>): DayState {
  const old = find(state, command.id);
  const start = ms(command.start ?? old.start);
  const end = ms(command.end ?? old.end);
  const moved = start !== old.start || end !== old.end;
  const title = command.title ?? old.title;
  const changed = { ...old, start, end, title, ...(moved ? { isTouched: true, confidence: null } : {}) };
  const segments = checked(
    state,
    state.segments.map((part) => (part.id === old.id ? changed : part)),
  );
  if (!moved) return { ...state, segments };
  const freed = paint(state.intervals, { start: old.start, end: old.end, label: "other_speech", reasons: [] });
  return { ...state, segments, intervals: paint(freed, { start, end, label: "customer", reasons: [] }) };
}

function split(state: DayState, command: Extract<Command, { op: "split" }>): DayState {
  const old = find(state, command.id);
  const at = ms(command.at);
  if (at < old.start + MIN_SECONDS || at > old.end - MIN_SECONDS) {
    throw new Refused("Both parts of a split need at least a second. Move the playhead into the conversation.");
  }
  const set = { isTouched: true, confidence: null };
  const first = { ...old, end: at, ...set };
  const second = { ...old, id: command.newId, start: at, title: null, analysisId: null, ...set };
  const rest = state.segments.filter((part) => part.id !== old.id);
  const cut = paint(state.intervals, { start: old.start, end: at, label: "customer", reasons: old.reasons });
  return {
    ...state,
    segments: checked(state, [...rest, first, second]),
    intervals: paint(cut, { start: at, end: old.end, label: "customer", reasons: old.reasons }),
  };
}

function merge(state: DayState, ids: readonly string[]): DayState {
  const places = state.segments.flatMap((part, index) => (ids.includes(part.id) ? [index] : []));
  if (places.length < 2 || places.length !== new Set(ids).size) {
    throw new Refused("There is no next conversation to merge with.");
  }
  if (places[places.length - 1]! - places[0]! !== places.length - 1) {
    throw new Refused("Only neighbouring conversations can be merged.");
  }
  const first = state.segments[places[0]!]!;
  const joined = {
    ...first,
    end: state.segments[places[places.length - 1]!]!.end,
    isTouched: true,
    confidence: null,
  };
  const rest = state.segments.filter((part) => !ids.includes(part.id));
  return {
    ...state,
    segments: checked(state, [...rest, joined]),
    intervals: paint(state.intervals, { start: joined.start, end: joined.end, label: "customer", reasons: [] }),
  };
}

function add(state: DayState, command: Extract<Command, { op: "add" }>): DayState {
  const made: DraftSegment = {
    id: command.newId,
    index: 0,
    start: ms(command.start),
    end: ms(command.end),
    confidence: null,
    title: command.title ?? null,
    status: "detected",
    analysisId: null,
    reasons: [],
    revision: 0,
    isTouched: true,
  };
  return {
    ...state,
    segments: checked(state, [...state.segments, made]),
    intervals: paint(state.intervals, { start: made.start, end: made.end, label: "customer", reasons: [] }),
  };
}

function takeOut(state: DayState, id: string, becomes: OtherLabel): DayState {
  const old = find(state, id);
  return {
    ...state,
    segments: checked(
      state,
      state.segments.filter((part) => part.id !== id),
    ),
    intervals: paint(state.intervals, { start: old.start, end: old.end, label: becomes, reasons: [] }),
  };
}

function label(state: DayState, command: Extract<Command, { op: "label" }>): DayState {
  const start = ms(Math.max(0, command.start));
  const end = ms(Math.min(state.duration, command.end));
  if (end <= start) throw new Refused("Select a stretch first.");
  if (state.segments.some((part) => part.start < end && part.end > start)) {
    throw new Refused("The selection holds a customer conversation. Move or remove that one first.");
  }
  return { ...state, intervals: paint(state.intervals, { start, end, label: command.label, reasons: [] }) };
}

/** Lay an interval over a timeline: what it covers goes, what sticks out stays. */
export function paint(intervals: readonly Interval[], over: Interval): Interval[] {
  const before = intervals
    .filter((part) => part.start < over.start)
    .map((part) => ({ ...part, end: Math.min(part.end, over.start) }));
  const after = intervals
    .filter((part) => part.end > over.end)
    .map((part) => ({ ...part, start: Math.max(part.start, over.end) }));
  return [...before, over, ...after];
}

function checked(state: DayState, segments: readonly DraftSegment[]): DraftSegment[] {
  const ordered = [...segments].sort((a, b) => a.start - b.start || a.end - b.end);
  ordered.forEach((part, index) => {
    if (part.start < 0 || part.end > state.duration + 0.001)
      throw new Refused("A conversation must lie inside the day.");
    if (part.end - part.start < MIN_SECONDS) throw new Refused("A conversation needs at least a second.");
    const next = ordered[index + 1];
    if (next && part.end > next.start) {
      throw new Refused("Conversations must not lie over each other. Move, merge or remove the other one first.");
    }
  });
  return ordered.map((part, index) => (part.index === index ? part : { ...part, index }));
}

/** Keep a border between its neighbours and a second away from its other end. */
export function clampBorder(state: DayState, id: string, side: "start" | "end", seconds: number): number {
  const index = state.segments.findIndex((part) => part.id === id);
  const own = state.segments[index];
  if (!own) return seconds;
  const least = side === "start" ? (state.segments[index - 1]?.end ?? 0) : own.start + MIN_SECONDS;
  const most = side === "start" ? own.end - MIN_SECONDS : (state.segments[index + 1]?.start ?? state.duration);
  return ms(Math.min(Math.max(seconds, least), most));
}

/** A command that continues the one before it (the same border moved further) replaces it. */
export function push(commands: readonly Command[], next: Command): Command[] {
  const last = commands[commands.length - 1];
  if (last?.op === "adjust" && next.op === "adjust" && last.id === next.id) {
    const sameSide =
      (last.start === undefined) === (next.start === undefined) &&
      (last.end === undefined) === (next.end === undefined) &&
      (last.title === undefined) === (next.title === undefined);
    if (sameSide) return [...commands.slice(0, -1), next];
  }
  return [...commands, next];
}

export interface Effect {
  /** Conversations that will be analysed (again), by their id in the draft. */
  again: DraftSegment[];
  /** Conversations whose analysis stays as it is. */
  kept: DraftSegment[];
}

/** What saving will do to analyses, by the server's rule: only touched conversations are analysed. */
export function effectOf(after: DayState): Effect {
  return {
    again: after.segments.filter((part) => part.isTouched),
    kept: after.segments.filter((part) => !part.isTouched && part.analysisId !== null),
  };
}

/** A change as `PATCH …/segments` takes it. */
export type Change = Schema<"Corrections">["changes"][number];

/** Write the commands for `PATCH …/segments`. `before` is the state that they start from. */
export function toChanges(before: DayState, commands: readonly Command[]): Change[] {
  const made = new Set(commands.flatMap((command) => ("newId" in command ? [command.newId] : [])));
  const uses = (command: Command): boolean =>
    ("id" in command && made.has(command.id)) || (command.op === "merge" && command.ids.some((id) => made.has(id)));
  return commands.some(uses) ? difference(before, applyAll(before, commands), commands) : commands.map(changeOf);
}

function changeOf(command: Command): Change {
  switch (command.op) {
    case "adjust":
      return {
        op: "adjust",
        segment_id: command.id,
        ...(command.start === undefined ? {} : { start_seconds: command.start }),
        ...(command.end === undefined ? {} : { end_seconds: command.end }),
        ...(command.title === undefined ? {} : { title: command.title }),
      };
    case "split":
      return { op: "split", segment_id: command.id, at_seconds: command.at };
    case "merge":
      return { op: "merge", segment_ids: command.ids };
    case "relabel":
      return { op: "relabel", segment_id: command.id, kind: command.kind };
    case "remove":
      return { op: "remove", segment_id: command.id };
    case "add":
      return {
        op: "add",
        start_seconds: command.start,
        end_seconds: command.end,
        ...(command.title ? { title: command.title } : {}),
      };
    case "label":
      return { op: "label", start_seconds: command.start, end_seconds: command.end, label: command.label };
  }
}

/**
 * The same result in changes that name only conversations of `before`.
 *
 * Needed when a new conversation was corrected again before saving: the server gives it its id on saving.
 * Taken out first, then moved in an order in which none lies over another, then added, then labels.
 */
function difference(before: DayState, after: DayState, commands: readonly Command[]): Change[] {
  const known = new Map(before.segments.map((part) => [part.id, part]));
  const left = new Map(after.segments.map((part) => [part.id, part]));
  const changes: Change[] = [];
  for (const part of before.segments) {
    if (left.has(part.id)) continue;
    const relabel = commands.findLast((command) => command.op === "relabel" && command.id === part.id);
    changes.push(relabel ? changeOf(relabel) : { op: "remove", segment_id: part.id });
    known.delete(part.id);
  }
  changes.push(...moves(known, left));
  for (const part of after.segments) {
    if (known.has(part.id)) continue;
    changes.push({
      op: "add",
      start_seconds: part.start,
      end_seconds: part.end,
      ...(part.title ? { title: part.title } : {}),
    });
  }
  for (const command of commands) if (command.op === "label") changes.push(changeOf(command));
  return changes;
}

function moves(from: Map<string, DraftSegment>, to: Map<string, DraftSegment>): Change[] {
  const places = new Map(from);
  const waiting = [...from.values()].filter((part) => {
    const target = to.get(part.id)!;
    return target.start !== part.start || target.end !== part.end || target.title !== part.title;
  });
  const changes: Change[] = [];
  while (waiting.length > 0) {
    const index = waiting.findIndex((part) => {
      const target = to.get(part.id)!;
      return [...places.values()].every(
        (other) => other.id === part.id || other.end <= target.start || other.start >= target.end,
      );
    });
    // Ordered stretches that stay in order always leave one that can move; the first is taken if rounding says no.
    const [part] = waiting.splice(Math.max(index, 0), 1);
    const target = to.get(part!.id)!;
    places.set(part!.id, target);
    changes.push(
      changeOf({
        op: "adjust",
        id: target.id,
        ...(target.start === part!.start ? {} : { start: target.start }),
        ...(target.end === part!.end ? {} : { end: target.end }),
        ...(target.title === part!.title || target.title === null ? {} : { title: target.title }),
      }),
    );
  }
  return changes;
}

/** Put commands on top of another state; those that do not fit any more are left out and counted. */
export function rebase(onto: DayState, commands: readonly Command[]): { commands: Command[]; dropped: number } {
  const kept: Command[] = [];
  let state = onto;
  for (const command of commands) {
    try {
      state = apply(state, command);
      kept.push(command);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  return { commands: kept, dropped: commands.length - kept.length };
}
