import { describe, expect, test } from "vitest";
import type { Interval, Segment } from "../../api/types";
import {
  apply,
  applyAll,
  type Command,
  clampBorder,
  type DayState,
  effectOf,
  push,
  Refused,
  rebase,
  stateOf,
  toChanges,
} from "./commands";

const segment = (id: string, index: number, start: number, end: number): Segment => ({
  id,
  index,
  start,
  end,
  confidence: 0.97,
  title: `Visit ${id}`,
  status: "analyzed",
  analysisId: `analysis-${id}`,
  reasons: [],
  revision: 0,
});
const silence = (start: number, end: number): Interval => ({ start, end, label: "silence", reasons: [] });
const customer = (start: number, end: number): Interval => ({ start, end, label: "customer", reasons: [] });

const day = (): DayState =>
  stateOf(
    1000,
    [segment("a", 0, 100, 200), segment("b", 1, 300, 400), segment("c", 2, 600, 800)],
    [
      silence(0, 100),
      customer(100, 200),
      silence(200, 300),
      customer(300, 400),
      silence(400, 600),
      customer(600, 800),
      silence(800, 1000),
    ],
  );

function check(state: DayState): void {
  let at = 0;
  for (const part of state.intervals) {
    expect(part.start).toBeCloseTo(at, 6);
    expect(part.end).toBeGreaterThan(part.start);
    at = part.end;
  }
  expect(at).toBe(state.duration);
  state.segments.forEach((part, index) => {
    expect(part.index).toBe(index);
    expect(part.end - part.start).toBeGreaterThanOrEqual(1);
    const next = state.segments[index + 1];
    if (next) expect(part.end).toBeLessThanOrEqual(next.start);
    const middle = (part.start + part.end) / 2;
    expect(state.intervals.find((entry) => entry.start <= middle && entry.end > middle)?.label).toBe("customer");
  });
}

describe("commands", () => {
  test.each<[string, Command, string[], string[]]>([
    ["moving a border", { op: "adjust", id: "a", end: 250 }, ["a"], ["b", "c"]],
    ["giving a title", { op: "adjust", id: "a", title: "Mrs Okafor" }, [], ["a", "b", "c"]],
    ["splitting", { op: "split", id: "c", at: 700, newId: "new-0" }, ["c", "new-0"], ["a", "b"]],
    ["merging", { op: "merge", ids: ["a", "b"] }, ["a"], ["c"]],
    ["relabelling", { op: "relabel", id: "b", kind: "internal" }, [], ["a", "c"]],
    ["removing", { op: "remove", id: "b" }, [], ["a", "c"]],
    ["adding", { op: "add", start: 450, end: 500, newId: "new-0" }, ["new-0"], ["a", "b", "c"]],
    ["labelling other time", { op: "label", start: 450, end: 500, label: "broadcast" }, [], ["a", "b", "c"]],
  ])("%s analyses only what it touches", (_text, command, again, kept) => {
    const state = apply(day(), command);
    check(state);
    const effect = effectOf(state);
    expect(effect.again.map((part) => part.id)).toEqual(again);
    expect(effect.kept.map((part) => part.id)).toEqual(kept);
  });

  test.each<[string, Command]>([
    ["over a neighbour", { op: "adjust", id: "a", end: 350 }],
    ["out of the day", { op: "adjust", id: "c", end: 1200 }],
    ["shorter than a second", { op: "adjust", id: "a", end: 100.5 }],
    ["split at its edge", { op: "split", id: "a", at: 199.5, newId: "n" }],
    ["merge of what is not next to each other", { op: "merge", ids: ["a", "c"] }],
    ["merge of one", { op: "merge", ids: ["a"] }],
    ["of a conversation that is gone", { op: "remove", id: "zz" }],
    ["a label over a conversation", { op: "label", start: 350, end: 500, label: "silence" }],
    ["an addition over a conversation", { op: "add", start: 150, end: 250, newId: "n" }],
  ])("%s is refused", (_text, command) => expect(() => apply(day(), command)).toThrow(Refused));

  test("relabelled time keeps its new label in the timeline", () => {
    const state = apply(day(), { op: "relabel", id: "b", kind: "internal" });
    expect(state.intervals.find((part) => part.start === 300)?.label).toBe("internal");
  });

  test("what a person sets has no confidence", () => {
    expect(apply(day(), { op: "adjust", id: "a", start: 90 }).segments[0]!.confidence).toBeNull();
  });

  test("the state before is left as it was", () => {
    const before = day();
    const copy = structuredClone(before);
    applyAll(before, [
      { op: "remove", id: "a" },
      { op: "split", id: "c", at: 700, newId: "n" },
    ]);
    expect(before).toEqual(copy);
  });
});

test("a border stays between its neighbours", () => {
  expect(clampBorder(day(), "b", "start", 150)).toBe(200);
  expect(clampBorder(day(), "b", "end", 900)).toBe(600);
  expect(clampBorder(day(), "b", "start", 399.9)).toBe(399);
  expect(clampBorder(day(), "a", "start", -5)).toBe(0);
});

test("moving the same border further is one step of undo, the other border another", () => {
  let list: Command[] = [];
  list = push(list, { op: "adjust", id: "a", end: 210 });
  list = push(list, { op: "adjust", id: "a", end: 220 });
  list = push(list, { op: "adjust", id: "a", start: 90 });
  list = push(list, { op: "adjust", id: "b", start: 290 });
  expect(list).toEqual([
    { op: "adjust", id: "a", end: 220 },
    { op: "adjust", id: "a", start: 90 },
    { op: "adjust", id: "b", start: 290 },
  ]);
});

describe("what is sent", () => {
  test("is the commands themselves while they name what the server knows", () => {
    expect(
      toChanges(day(), [
        { op: "split", id: "c", at: 700, newId: "n" },
        { op: "merge", ids: ["a", "b"] },
      ]),
    ).toEqual([
      { op: "split", segment_id: "c", at_seconds: 700 },
      { op: "merge", segment_ids: ["a", "b"] },
    ]);
  });

  /** Apply what is sent by the same rules, as the server would. */
  function send(state: DayState, changes: Record<string, unknown>[]): DayState {
    const commands = changes.map((change, index): Command => {
      const id = change.segment_id as string;
      switch (change.op) {
        case "adjust":
          return {
            op: "adjust",
            id,
            start: change.start_seconds as number | undefined,
            end: change.end_seconds as number | undefined,
            title: change.title as string | undefined,
          };
        case "remove":
          return { op: "remove", id };
        case "relabel":
          return { op: "relabel", id, kind: change.kind as "internal" };
        case "add":
          return {
            op: "add",
            start: change.start_seconds as number,
            end: change.end_seconds as number,
            title: change.title as string | undefined,
            newId: `server-${index}`,
          };
        default:
          throw new Error(`not expected here: ${String(change.op)}`);
      }
    });
    return applyAll(state, commands);
  }

  test.each<[string, Command[]]>([
    [
      "an addition that was moved afterwards",
      [
        { op: "add", start: 450, end: 500, newId: "new-0" },
        { op: "adjust", id: "new-0", end: 520 },
      ],
    ],
    [
      "the second part of a split taken out again",
      [
        { op: "split", id: "c", at: 700, newId: "new-0" },
        { op: "relabel", id: "new-0", kind: "personal" },
      ],
    ],
    [
      "two conversations that both move the same way, the front one into the place of the other",
      [
        { op: "adjust", id: "b", end: 550 },
        { op: "adjust", id: "b", start: 500 },
        { op: "adjust", id: "a", end: 480 },
        { op: "adjust", id: "a", start: 320 },
        { op: "add", start: 900, end: 950, newId: "new-0" },
        { op: "adjust", id: "new-0", title: "Late visit" },
      ],
    ],
    [
      "a removal, and an addition in its place that was split",
      [
        { op: "remove", id: "b" },
        { op: "add", start: 310, end: 390, newId: "new-0" },
        { op: "split", id: "new-0", at: 350, newId: "new-1" },
      ],
    ],
  ])("names only what the server knows: %s", (_text, commands) => {
    const before = day();
    const changes = toChanges(before, commands);
    expect(JSON.stringify(changes)).not.toContain("new-");
    const wanted = applyAll(before, commands);
    const sent = send(before, changes);
    check(sent);
    const places = (state: DayState) => state.segments.map(({ start, end, title }) => ({ start, end, title }));
    expect(places(sent)).toEqual(places(wanted));
  });
});

test("a draft on a changed day keeps what still fits and counts the rest", () => {
  const commands: Command[] = [
    { op: "adjust", id: "a", end: 250 },
    { op: "remove", id: "b" },
  ];
  const changed = apply(day(), { op: "remove", id: "b" });
  expect(rebase(changed, commands)).toEqual({ commands: [commands[0]], dropped: 1 });
});
