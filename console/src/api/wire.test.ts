import { describe, expect, test } from "vitest";
import type { Schema } from "./typed";
import * as wire from "./wire";

const quote: Schema<"Quote"> = { claim: "x", quote: "q", start_seconds: 1, end_seconds: 2, about: null };

describe("evidence", () => {
  test("of a pillar names it, its component and its points", () => {
    const about = { pillar: "close", component: "asks", points: 4 };
    expect(wire.evidence({ ...quote, about })).toMatchObject({ about: "close", component: "asks", points: 4 });
  });
  test("of anything else has no points", () => {
    const about = { playbook: "say hello", component: null, points: null };
    expect(wire.evidence({ ...quote, about })).toMatchObject({ about: "say hello", component: null, points: null });
    expect(wire.evidence(quote).about).toBeNull();
  });
});

const session: Schema<"SessionShown"> = {
  id: "1",
  status: "completed",
  created_at: "2026-05-04T08:00:00Z",
  recorded_at: null,
  recorded_at_source: null,
  org_id: "acme",
  rep_id: "jo",
  recording_url: "https://x.example/a.mp3?sig=secret#f",
  file_key: null,
  options: {},
  metadata: {},
  started_at: null,
  completed_at: null,
  duration_seconds: 17.5,
  progress: {
    stage: "finish",
    percent: 100,
    transcribed_seconds: 10,
    spans_done: 1,
    spans_total: 1,
    eta_seconds: null,
  },
  revision: 0,
  segments_detected: 0,
  segments_analyzed: 0,
  segments_failed: 0,
  segments_below_threshold: 0,
  segments: [],
  audio: {
    playable: false,
    source: "url",
    reason: "recording_gone",
    container: null,
    seek: "exact",
    has_seek_table: false,
    browser: "native",
    checked_at: null,
  },
  speaker_names: {},
  rollup: null,
  usage: {},
  error: null,
};

test("a strip of runs becomes places from 0 to the end", () => {
  const runs = [
    ["silence", 10],
    ["customer", 5.5],
    ["odd", 2],
  ];
  const row = { ...session, customer_seconds: 5.5, overall_score: null, is_demo_quality: false, strip: runs };
  expect(wire.dayRow(row).strip).toEqual([
    { start: 0, end: 10, label: "silence" },
    { start: 10, end: 15.5, label: "customer" },
    { start: 15.5, end: 17.5, label: "other_speech" },
  ]);
});

test("a day without a rollup has no score, and its customer time is not known", () => {
  expect(wire.day(session)).toMatchObject({ meanScore: null, customerSeconds: null, rollup: null });
});

test("a rollup is read with care: its fields are free-form", () => {
  const rollup = { conversations: 2, analyzed: 1, average_scores: { overall_score: 61, close_score: null } };
  expect(wire.day({ ...session, rollup })).toMatchObject({
    meanScore: 61,
    rollup: { averageScores: { overall_score: 61, close_score: null }, outcomes: {}, summary: "" },
  });
});

test("a signed address is shown without what signs it", () => {
  expect(wire.day(session).sourceName).toBe("https://x.example/a.mp3");
});

test("what was transcribed so far is known while the day runs", () => {
  const words = { text: "", utterances: [], words: [], word_count: 0, duration_seconds: 9 };
  expect(wire.transcript({ ...words, is_partial: true, covered: [[0, 5]] }).covered).toEqual([{ start: 0, end: 5 }]);
});
