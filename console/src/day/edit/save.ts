import { api, type Schema } from "../../api/typed";
import type { Day } from "../../api/types";
import * as wire from "../../api/wire";
import type { Change } from "./commands";

const SEGMENTS = "/v1/all-day-sessions/{session_id}/segments";

/** Ids of the conversations that saving analyses again, and of those that it ends. */
export type DryRun = Schema<"CorrectionPreview">;

/** Ask what saving would do, without doing it. */
export async function askEffect(dayId: string, revision: number, changes: Change[]): Promise<DryRun> {
  const init = { path: { session_id: dayId }, query: { dry_run: true }, body: { revision, changes } };
  return (await api.patch(SEGMENTS, init)) as DryRun;
}

export async function saveChanges(dayId: string, revision: number, changes: Change[]): Promise<Day> {
  const saved = await api.patch(SEGMENTS, { path: { session_id: dayId }, body: { revision, changes } });
  return wire.day(saved as Schema<"SessionShown">);
}

/** Bring back segments, confidences, reasons and analyses of an earlier revision. */
export async function restoreRevision(day: { id: string; revision: number }, number: number): Promise<void> {
  await api.post("/v1/all-day-sessions/{session_id}/revisions/{number}/restore", {
    path: { session_id: day.id, number },
    body: { revision: day.revision },
  });
}
