import { expect, test } from "vitest";
import { pieces } from "./Timed";

test("times in brackets are places of the recording", () => {
  expect(pieces("They said “no” (3:57). Later “yes” (1:02:03).", 0, 4000)).toEqual([
    "They said “no” ",
    237,
    ". Later “yes” ",
    3723,
    ".",
  ]);
});

test("times outside of the conversation, and times without brackets, stay words", () => {
  expect(pieces("Come at 7:30 (9:00).", 100, 300)).toEqual(["Come at 7:30 ", "(9:00)", "."]);
});
