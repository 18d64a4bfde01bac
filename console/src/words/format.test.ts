import { describe, expect, test } from "vitest";
import { bytes, Clock, duration, offset, parseOffset, spokenDuration, sureness } from "./format";

describe("offsets", () => {
  test.each([
    [0, "0:00:00"],
    [59.6, "0:00:59"],
    [59.9999999, "0:01:00"],
    [8043.2, "2:14:03"],
    [43_199, "11:59:59"],
  ])("%d s are written %s", (seconds, text) => expect(offset(seconds)).toBe(text));
  test("with tenths", () => {
    expect(offset(8043.24, true)).toBe("2:14:03.2");
    expect(offset(59.96, true)).toBe("0:01:00.0");
  });
  test.each([
    ["8043.2", 8043.2],
    ["2:14:03", 8043],
    ["2:14:03.5", 8043.5],
    ["14:03", 843],
    ["", null],
    ["a:b", null],
    ["-5", null],
  ])("%s is read as %s", (text, seconds) => expect(parseOffset(text)).toBe(seconds));
  test("what is written is read back", () => {
    for (const seconds of [0, 1, 59, 61, 3599, 3600, 40_000]) expect(parseOffset(offset(seconds))).toBe(seconds);
  });
});

test.each([
  [3, "3 s"],
  [59.4, "59 s"],
  [59.9, "1 min"],
  [1920, "32 min"],
  [3840, "1 h 04 min"],
])("%d s last %s", (seconds, text) => expect(duration(seconds)).toBe(text));

test("lengths in words for screen readers", () => {
  expect(spokenDuration(1)).toBe("1 second");
  expect(spokenDuration(8043)).toBe("2 hours 14 minutes");
  expect(spokenDuration(125)).toBe("2 minutes 5 seconds");
});

describe("clock", () => {
  test("without a known start counts from the start", () => {
    const clock = new Clock(null);
    expect(clock.isWallClock).toBe(false);
    expect(clock.short(870)).toBe("0:14:30");
  });
  test("with one says the time of day in the org's zone", () => {
    const clock = new Clock("2026-11-25T14:00:00Z", "America/New_York");
    expect(clock.isWallClock).toBe(true);
    expect(clock.short(1800)).toMatch(/^0?9:30/);
  });
  test("nonsense is no start", () => expect(new Clock("yesterday").isWallClock).toBe(false));
});

test.each([
  [999, "999 B"],
  [1500, "1.5 kB"],
  [432_000, "432 kB"],
  [2_500_000_000, "2.5 GB"],
])("%d bytes", (count, text) => expect(bytes(count)).toBe(text));

test.each([
  [0.42, "42\u202f%"],
  [0.984, "98\u202f%"],
  [0.996, "99\u202f%"],
  [1, "99\u202f%"],
])("a confidence of %d is never shown as certainty", (confidence, text) => expect(sureness(confidence)).toBe(text));
