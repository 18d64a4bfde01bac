import { expect, test } from "vitest";
import { diffLines } from "./diff";

const join = (kinds: string[], lines: ReturnType<typeof diffLines>) =>
  lines
    .filter((line) => kinds.includes(line.kind))
    .map((line) => line.text)
    .join("\n");

test.each([
  ["# A\nsay hello\nask", "# A\nsay good morning\nask\nclose"],
  ["", "new"],
  ["one\ntwo", ""],
  ["same", "same"],
  ["a\nb\nc\nd", "b\nd\na\nc"],
])("both versions can be read from the comparison", (before, after) => {
  const lines = diffLines(before, after);
  expect(join(["same", "removed"], lines)).toBe(before);
  expect(join(["same", "added"], lines)).toBe(after);
});

test("what did not change is not called changed", () => {
  const lines = diffLines("a\nb\nc", "a\nx\nc");
  expect(lines.map((line) => line.kind)).toEqual(["same", "removed", "added", "same"]);
});
