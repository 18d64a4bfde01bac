/** A day as CSV and as Markdown, from the fields of the API alone. */

import type { Day, Segment } from "../api/types";
import { w } from "../words";
import { type Clock, duration, offset, sureness } from "../words/format";

/** Quote a CSV field; a sign that spreadsheets take for the start of a formula is escaped. */
export function csvField(value: string | number | null): string {
  if (value === null) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(day: Day, clock: Clock, scoreOf: (part: Segment) => number | null): string {
  const head = [
    "number",
    "start",
    "end",
    "start_seconds",
    "end_seconds",
    "minutes",
    "title",
    "confidence",
    "status",
    "score",
  ];
  const rows = day.segments.map((part) => [
    part.index + 1,
    clock.long(part.start),
    clock.long(part.end),
    part.start,
    part.end,
    ((part.end - part.start) / 60).toFixed(1),
    part.title,
    part.confidence,
    part.status,
    scoreOf(part),
  ]);
  return `${[head, ...rows].map((row) => row.map(csvField).join(",")).join("\r\n")}\r\n`;
}

export function toMarkdown(day: Day, clock: Clock, scoreOf: (part: Segment) => number | null): string {
  const lines = [`# ${day.rep}, ${(day.recordedAt ?? day.createdAt).slice(0, 10)}`, ""];
  if (day.rollup?.summary) lines.push(day.rollup.summary, "");
  for (const part of day.segments) {
    const score = scoreOf(part);
    lines.push(
      `## ${part.index + 1}. ${part.title ?? w.day.untitled(part.index + 1)}`,
      "",
      `${clock.short(part.start)}–${clock.short(part.end)} (${offset(part.start)}–${offset(part.end)}), ${duration(part.end - part.start)}, ${
        part.confidence === null ? w.day.byHand : w.day.sure(sureness(part.confidence))
      }${score === null ? "" : `, ${w.day.score(score)}`}`,
      "",
    );
  }
  return lines.join("\n");
}
