import { describe, expect, test } from "vitest";
import {
  clampView,
  covers,
  firstAfter,
  formatView,
  hitEdge,
  kept,
  pan,
  parseView,
  peakBetween,
  pyramid,
  reveal,
  spanAt,
  spanAtOrBefore,
  spanOf,
  tickStep,
  ticks,
  timeToX,
  viewOf,
  xToTime,
  zoomAt,
} from "./model";

const DAY = 43_200;

describe("seconds and pixels", () => {
  test.each([
    [{ start: 0, end: DAY }, 1200],
    [{ start: 8000, end: 8010 }, 911],
    [{ start: 43_190, end: DAY }, 390],
  ])("go there and back in %o at %d px", (view, width) => {
    for (const x of [0, 1, width / 3, width]) expect(timeToX(view, width, xToTime(view, width, x))).toBeCloseTo(x, 6);
  });
});

describe("when the length of the day becomes known", () => {
  test("a view of the whole day stays one", () => {
    expect(kept({ start: 0, end: 1 }, 1, DAY)).toEqual({ start: 0, end: DAY });
  });
  test("a chosen part stays as it is", () => {
    expect(kept({ start: 600, end: 900 }, 1200, DAY)).toEqual({ start: 600, end: 900 });
  });
  test("a part that lies beyond the end becomes the whole day", () => {
    expect(kept({ start: 50, end: 90 }, 100, 60)).toEqual({ start: 0, end: 60 });
  });
});

describe("zoom", () => {
  test("keeps the second under the pointer where it is", () => {
    let view = { start: 0, end: DAY };
    const anchor = 12_345;
    const x = timeToX(view, 1000, anchor);
    for (let i = 0; i < 8; i++) view = zoomAt(view, DAY, 0.5, anchor);
    expect(timeToX(view, 1000, anchor)).toBeCloseTo(x, 6);
  });
  test("ends at ten seconds and at the whole day", () => {
    let view = { start: 0, end: DAY };
    for (let i = 0; i < 30; i++) view = zoomAt(view, DAY, 0.5, 30_000);
    expect(spanOf(view)).toBeCloseTo(10, 6);
    for (let i = 0; i < 30; i++) view = zoomAt(view, DAY, 2, 30_000);
    expect(view).toEqual({ start: 0, end: DAY });
  });
  test("never leaves the day", () => {
    for (const anchor of [0, 5, DAY / 2, DAY - 1, DAY]) {
      let view = { start: 0, end: DAY };
      for (const factor of [0.3, 0.3, 1.7, 0.1, 3, 0.5]) {
        view = zoomAt(view, DAY, factor, anchor);
        expect(view.start).toBeGreaterThanOrEqual(0);
        expect(view.end).toBeLessThanOrEqual(DAY + 1e-6);
      }
    }
  });
  test("a day shorter than ten seconds is shown whole", () => {
    expect(zoomAt({ start: 0, end: 4 }, 4, 0.5, 2)).toEqual({ start: 0, end: 4 });
    expect(clampView({ start: 1, end: 2 }, 4)).toEqual({ start: 0, end: 4 });
  });
});

test("panning stops at both ends and keeps the length", () => {
  const view = { start: 100, end: 200 };
  expect(pan(view, DAY, -500)).toEqual({ start: 0, end: 100 });
  expect(pan(view, DAY, DAY)).toEqual({ start: DAY - 100, end: DAY });
});

test("revealing leaves a view alone that shows the second already", () => {
  const view = { start: 100, end: 200 };
  expect(reveal(view, DAY, 150)).toBe(view);
  const moved = reveal(view, DAY, 5000);
  expect(spanOf(moved)).toBe(100);
  expect(moved.start).toBeLessThan(5000);
  expect(moved.end).toBeGreaterThan(5000);
});

test("a stretch is shown with a margin, also at the edge of the day", () => {
  const view = viewOf({ start: 0, end: 600 }, DAY);
  expect(view.start).toBe(0);
  expect(view.end).toBeGreaterThan(600);
});

describe("marks of the ruler", () => {
  test.each([
    [{ start: 0, end: DAY }, 1200, 3600],
    [{ start: 0, end: 3600 }, 1200, 300],
    [{ start: 500, end: 510 }, 1200, 1],
  ])("%o at %d px are %d s apart", (view, width, step) => {
    expect(tickStep(view, width, 76)).toBe(step);
  });
  test("fall on round times of the clock when recording began at 8:07:30", () => {
    const found = ticks({ start: 0, end: 3600 }, 600, 450);
    expect(found[0]).toBe(150);
    for (const at of found) expect((at + 450) % 600).toBe(0);
  });
});

describe("finding spans", () => {
  const spans = [
    { start: 10, end: 20 },
    { start: 20, end: 30 },
    { start: 50, end: 60 },
  ];
  test.each([
    [5, -1, -1],
    [10, 0, 0],
    [19.9, 0, 0],
    [20, 1, 1],
    [40, -1, 1],
    [55, 2, 2],
    [70, -1, 2],
  ])("at %d s", (seconds, inside, before) => {
    expect(spanAt(spans, seconds)).toBe(inside);
    expect(spanAtOrBefore(spans, seconds)).toBe(before);
  });
  test("firstAfter of nothing is 0", () => expect(firstAfter([], 5)).toBe(0));
});

describe("peaks", () => {
  const peaks = Array.from({ length: 20_000 }, (_, i) => ((i * 7919) % 1000) / 1000);
  const tower = pyramid(peaks, 0.1);
  test("no burst is lost at any distance", () => {
    const burst = [...peaks].fill(0.01);
    burst[12_345] = 1;
    const found = pyramid(burst, 0.1);
    for (const seconds of [0.1, 1, 10, 100, 2000]) {
      const start = Math.floor(1234.5 / seconds) * seconds;
      expect(peakBetween(found, start, start + seconds)).toBe(1);
    }
  });
  test("are at most the largest of their neighbourhood", () => {
    for (const [from, to] of [
      [0, 2],
      [17.3, 19.9],
      [500, 700],
    ] as const) {
      const value = peakBetween(tower, from, to);
      const span = to - from;
      const near = peaks.slice(Math.max(0, Math.floor((from - span) * 10)), Math.ceil((to + span) * 10));
      expect(value).toBeLessThanOrEqual(Math.max(...near) + 1e-6);
      expect(value).toBeGreaterThan(0.9);
    }
  });
  test("of a part of the day know what they cover", () => {
    const part = pyramid(peaks, 0.1, 1000);
    expect(covers(part, { start: 1000, end: 3000 })).toBe(true);
    expect(covers(part, { start: 999, end: 1500 })).toBe(false);
    expect(covers(part, { start: 2500, end: 3100 })).toBe(false);
  });
  test("beside the recording are silent", () => expect(peakBetween(tower, 5000, 5001)).toBe(0));
});

test("the nearest border within reach is hit", () => {
  const view = { start: 0, end: 100 };
  expect(hitEdge(view, 1000, [10, 11, 50], 104, 12)).toBe(0);
  expect(hitEdge(view, 1000, [10, 11, 50], 108, 12)).toBe(1);
  expect(hitEdge(view, 1000, [10, 11, 50], 300, 12)).toBe(-1);
});

describe("addresses", () => {
  test.each([
    ["100.0-200.0", { start: 100, end: 200 }],
    ["200-100", null],
    ["abc", null],
    [undefined, null],
    ["99999-100000", null],
  ])("%s", (value, view) => expect(parseView(value, DAY)).toEqual(view));
  test("a view survives the address", () => {
    const view = { start: 870, end: 1127.9 };
    expect(parseView(formatView(view, DAY), DAY)).toEqual(view);
  });
  test("the whole day needs none", () => expect(formatView({ start: 0, end: DAY }, DAY)).toBeUndefined());
});
