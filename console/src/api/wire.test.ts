import { describe, expect, test } from "vitest";
import * as wire from "./wire";

describe("evidence", () => {
  test("names its pillar by the start of the claim where it has no `about`", () => {
    const found = wire.evidence({
      claim: "clarity: concrete figures: 8",
      quote: "q",
      start_seconds: 1,
      end_seconds: 2,
    });
    expect([found.about, found.component]).toEqual(["clarity", "concrete figures: 8"]);
  });
  test("takes `about`, as a text or as an object", () => {
    expect(wire.evidence({ claim: "x", about: "close", component: "asks", points: 4 })).toMatchObject({
      about: "close",
      component: "asks",
      points: 4,
    });
    expect(wire.evidence({ claim: "x", about: { pillar: "close" } }).about).toBe("close");
  });
});

test("a strip of runs becomes places from 0 to the end", () => {
  const row = wire.dayRow({
    id: "1",
    strip: [
      ["silence", 10],
      ["customer", 5.5],
      ["odd", 2],
    ],
  });
  expect(row.strip).toEqual([
    { start: 0, end: 10, label: "silence" },
    { start: 10, end: 15.5, label: "customer" },
    { start: 15.5, end: 17.5, label: "other_speech" },
  ]);
});

test("the timeline is read under both names", () => {
  const part = { start_seconds: 0, end_seconds: 5, label: "silence", reasons: [] };
  expect(wire.intervals({ stretches: [part] })).toEqual(wire.intervals({ intervals: [part] }));
  expect(wire.intervals(null)).toEqual([]);
});

test("what is not known stays unknown", () => {
  const result = wire.result({ overall_score: 50, talk_ratio: null })!;
  expect(result.talkRatio).toBeNull();
  expect(result.interactivity).toBeNull();
  expect(result.scores.close).toBeNull();
  expect(wire.segment({ id: "1", confidence: null }).confidence).toBeNull();
});

test("a signed address is shown without what signs it", () => {
  expect(wire.day({ id: "1", recording_url: "https://x.example/a.mp3?sig=secret#f" }).sourceName).toBe(
    "https://x.example/a.mp3",
  );
});
