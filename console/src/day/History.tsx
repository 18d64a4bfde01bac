import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";
import { revisionsQuery } from "../api/queries";
import type { Day } from "../api/types";
import { Dialog, Problem, Skeleton, toast } from "../ui/parts";
import { w } from "../words";
import { type Clock, dateTime } from "../words/format";
import { restoreRevision } from "./edit/save";

/** Every revision of the day's segments, newest first, with a button to restore each. */
export function History({ day, clock, onClose }: { day: Day; clock: Clock; onClose: () => void }) {
  const revisions = useQuery(revisionsQuery(day.id, day.revision));
  const client = useQueryClient();
  const restore = async (number: number) => {
    try {
      await restoreRevision(day, number);
      toast(w.day.restored);
      await client.invalidateQueries();
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
  return (
    <Dialog title={w.day.history} open onClose={onClose}>
      {revisions.isPending && <Skeleton height={48} count={3} />}
      {revisions.error && <Problem error={revisions.error} />}
      <ol className="stack">
        {(revisions.data ?? []).map((row) => {
          const { number } = row;
          return (
            <li key={number} className="panel stack">
              <div className="row spread wrap">
                <strong>{w.day.revision(number)}</strong>
                <span className="small second">
                  {row.author} · {dateTime(row.createdAt)}
                </span>
              </div>
              <p className="small num">
                {row.segments.map((part) => `${clock.short(part.start)}–${clock.short(part.end)}`).join(", ") ||
                  w.day.noVisits}
              </p>
              {number !== day.revision && (
                <div>
                  <button type="button" className="button" onClick={() => void restore(number)}>
                    {w.day.restore}
                  </button>
                </div>
              )}
            </li>
          );
        })}
      </ol>
      <button type="button" className="button" onClick={onClose}>
        {w.common.close}
      </button>
    </Dialog>
  );
}
