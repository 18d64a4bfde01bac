import { describe, expect, test } from "vitest";
import { snap } from "./snap";

const spoken = [
  { start: 10, end: 12 },
  { start: 12.3, end: 15 },
  { start: 20, end: 22 },
];

describe("a border", () => {
  test.each([
    ["near a short pause takes its middle", 12.25, 12.15],
    ["inside a word goes out of it", 11.9, 12.15],
    ["after speech before a long pause keeps close to the speech", 15.4, 15.2],
    ["before speech after a long pause keeps close to the speech", 19.9, 19.8],
    ["after everything keeps close to the last word", 22.4, 22.2],
  ])("%s", (_text, at, wanted) => expect(snap(at, spoken, 1)).toBeCloseTo(wanted, 6));
  test("far from everything stays", () => expect(snap(17.5, spoken, 0.5)).toBe(17.5));
  test("stays without a reach", () => expect(snap(12.25, spoken, 0)).toBe(12.25));
  test("stays where nothing was said", () => expect(snap(5, [], 1)).toBe(5));
  test("never goes below zero", () => expect(snap(0.05, [{ start: 0.1, end: 3 }], 1)).toBe(0));
});
