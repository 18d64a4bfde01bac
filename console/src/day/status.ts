import type { Day, DayRow } from "../api/types";
import { w } from "../words";

/** The status of a day in words. While its recording is being read, the API calls it `transcribing` already. */
export function statusOf(day: Pick<Day | DayRow, "status" | "progress">): string {
  const isReading = day.status === "transcribing" && ["ingest", "fetch"].includes(day.progress.stage);
  return isReading ? w.day.readingRecording : w.status[day.status];
}
