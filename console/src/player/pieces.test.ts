import { expect, test } from "vitest";
import { pieceType, pointFor, sizeIn } from "./pieces";

const points = [
  { seconds: 0, byte: 417 },
  { seconds: 10.005, byte: 52_000 },
  { seconds: 20.011, byte: 99_000 },
];

test.each([
  [0, 417],
  [9.9, 417],
  // The frame that begins just before: its sound would not be whole yet.
  [10.1, 417],
  [10.3, 52_000],
  [20.3, 99_000],
  [7200, 99_000],
])("the point for second %d begins at byte %d", (seconds, byte) => {
  expect(pointFor(points, seconds).byte).toBe(byte);
});

test.each([
  ["bytes 0-99/1000", 1000],
  ["bytes 0-99/*", null],
  [null, null],
])("%s tells a size of %s", (header, size) => {
  expect(sizeIn(header)).toBe(size);
});

test("without media sources in the browser nothing is played in pieces", () => {
  const audio = { playable: true, reason: null, source: "upload", container: "mp3", hasSeekTable: true } as const;
  expect(pieceType({ ...audio, seek: "approximate", browser: "native" })).toBeNull();
});
