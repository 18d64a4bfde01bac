import { expect, test } from "vitest";
import type { Segment } from "../api/types";
import { digestOf, placesIn } from "./digest";

const segment = (id: string, start: number, title: string | null) => ({ id, start, end: start + 60, title }) as Segment;
const CARTER = segment("a", 98.6, "Windows with Mrs Carter");
const HILL = segment("b", 285.2, "Door with Mr. Hill");
const SUMMARY =
  "2 customer conversations, 5 minutes of talk: 2 follow-ups. " +
  "At 1:38 into the recording, Windows with Mrs Carter: offered $5,000 for all four windows, follow-up, next: come back on Friday at 7. " +
  "At 4:45 into the recording, Door with Mr. Hill: offered $1,200, declined. " +
  "Listen to: “Door with Mr. Hill” at 4:45 into the recording.";

test("what is said of a conversation is found by time and title", () => {
  const { whole, parts } = digestOf(SUMMARY, [CARTER, HILL]);
  expect(parts.get("a")).toBe("Offered $5,000 for all four windows, follow-up, next: come back on Friday at 7.");
  expect(parts.get("b")).toBe("Offered $1,200, declined.");
  expect(whole).toEqual([
    "2 customer conversations, 5 minutes of talk: 2 follow-ups.",
    "Listen to: “Door with Mr. Hill” at 4:45 into the recording.",
  ]);
});

test("a summary of an earlier version, with times alone, is taken apart too", () => {
  const { parts } = digestOf(SUMMARY.replaceAll("At 4:45 into the recording,", "4:45"), [CARTER, HILL]);
  expect(parts.get("b")).toBe("Offered $1,200, declined.");
});

test.each([
  ["was moved", { ...HILL, start: 300 }],
  ["was renamed", { ...HILL, title: "Gate with Mr. Hill" }],
])("a sentence on a conversation that %s stays with the day", (_, hill) => {
  const { whole, parts } = digestOf(SUMMARY, [CARTER, hill]);
  expect([...parts.keys()]).toEqual(["a"]);
  expect(whole).toContain("At 4:45 into the recording, Door with Mr. Hill: offered $1,200, declined.");
});

test("another kind of summary stays whole", () => {
  expect(digestOf("A quiet day.", [CARTER])).toEqual({ whole: ["A quiet day."], parts: new Map() });
  expect(digestOf("", [CARTER]).whole).toEqual([]);
});

test.each([
  ["Listen to: “Door with Mr. Hill” at 4:45.", ["Listen to: “Door with Mr. Hill” at ", 285, "."]],
  ["Listen to: “Door” at 4:45 into the recording.", ["Listen to: “Door” at ", 285, " into the recording."]],
  [
    "Listen to: “Door” at 4:45, the price objection “That is a lot.” at 0:05:10.",
    ["Listen to: “Door” at ", 285, ", the price objection “That is a lot.” at ", 310, "."],
  ],
  // A time of day that somebody named is no place in the recording, and neither is one after its end.
  ["The customer said: “Come at 4:45.”", ["The customer said: “Come at 4:45.”"]],
  ["Listen to: “Door” at 3:00:00.", ["Listen to: “Door” at ", "3:00:00", "."]],
])("the places of %s", (sentence, pieces) => {
  expect(placesIn(sentence, 600)).toEqual(pieces);
});
