import { describe, expect, test } from "vitest";
import { audibleSpans, intersect, mergeSpans, quoteRange, skipTo } from "./quotes";

test.each([
  [{ start: 100, end: 104 }, 3600, { start: 98, end: 104 }],
  [{ start: 1, end: 4 }, 3600, { start: 0, end: 4 }],
  [{ start: 3598, end: 3605 }, 3600, { start: 3596, end: 3600 }],
])("a quote %o of %d s plays %o", (quote, duration, range) => expect(quoteRange(quote, duration)).toEqual(range));

test("pauses up to two seconds are kept, longer ones are skipped", () => {
  const spoken = [
    { start: 10, end: 12 },
    { start: 13.9, end: 15 },
    { start: 20, end: 22 },
  ];
  expect(audibleSpans(spoken)).toEqual([
    { start: 9, end: 16 },
    { start: 19, end: 23 },
  ]);
});

test("spans that lie inside others disappear in them", () => {
  expect(
    mergeSpans(
      [
        { start: 0, end: 100 },
        { start: 10, end: 20 },
      ],
      0,
    ),
  ).toEqual([{ start: 0, end: 100 }]);
});

describe("skipping", () => {
  const wanted = [
    { start: 10, end: 20 },
    { start: 40, end: 50 },
  ];
  test.each([
    [15, null],
    [20, 40],
    [0, 10],
    [55, Number.POSITIVE_INFINITY],
  ])("at %d s goes to %s", (seconds, next) => expect(skipTo(wanted, seconds)).toBe(next));
});

test("speech inside conversations is what both have", () => {
  expect(
    intersect(
      [
        { start: 0, end: 10 },
        { start: 20, end: 30 },
      ],
      [{ start: 5, end: 25 }],
    ),
  ).toEqual([
    { start: 5, end: 10 },
    { start: 20, end: 25 },
  ]);
});
