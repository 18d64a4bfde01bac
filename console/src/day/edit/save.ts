import { call } from "../../api/client";
import { sessionPath } from "../../api/queries";
import type { Day } from "../../api/types";
import * as wire from "../../api/wire";

export interface DryRun {
  reanalyze: string[];
  retire: string[];
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];

/** Ask what saving would do, without doing it. A server that does not know the question refuses it. */
export async function askEffect(dayId: string, revision: number, changes: unknown[]): Promise<DryRun> {
  const body = await call<wire.Json>("PATCH", `${sessionPath(dayId)}/segments`, {
    query: { dry_run: "true" },
    body: { revision, changes },
  });
  return { reanalyze: strings(body.reanalyze), retire: strings(body.retire) };
}

export async function saveChanges(dayId: string, revision: number, changes: unknown[]): Promise<Day> {
  return wire.day(await call("PATCH", `${sessionPath(dayId)}/segments`, { body: { revision, changes } }));
}

/** Bring back segments, confidences, reasons and analyses of an earlier revision. */
export async function restoreRevision(day: { id: string; revision: number }, number: number): Promise<void> {
  await call("POST", `${sessionPath(day.id)}/revisions/${number}/restore`, { body: { revision: day.revision } });
}
