import { expect, test } from "vitest";
import { csvField } from "./exports";

test.each([
  ["plain", "plain"],
  ["a, b", '"a, b"'],
  ['say "yes"', '"say ""yes"""'],
  ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
  ["+1", "'+1"],
  [null, ""],
  [-3.5, "-3.5"],
])("%s in a table", (value, text) => expect(csvField(value)).toBe(text));
