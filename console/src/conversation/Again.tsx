import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../api/client";
import { useMay } from "../api/may";
import { analysesOfDayQuery } from "../api/queries";
import { api } from "../api/typed";
import type { Day, Segment } from "../api/types";
import { PlaybookOptions } from "../playbooks/Options";
import { toast } from "../ui/parts";
import { w } from "../words";
import { dateTime } from "../words/format";

/** Analyse a conversation again, also with another playbook; list its earlier analyses. */
export function Again({ day, segment, shownId }: { day: Day; segment: Segment; shownId: string | null }) {
  const client = useQueryClient();
  const [playbook, setPlaybook] = useState("");
  const [busy, setBusy] = useState(false);
  const analyses = useQuery(analysesOfDayQuery(day.id, day.revision));
  const own = (analyses.data ?? []).filter((row) => row.segmentId === segment.id);
  const may = useMay();
  const start = async () => {
    setBusy(true);
    try {
      await api.post("/v1/all-day-sessions/{session_id}/segments/{segment_id}/analyze", {
        path: { session_id: day.id, segment_id: segment.id },
        body: playbook ? { playbook_id: playbook } : {},
      });
      await client.invalidateQueries({ queryKey: ["day", day.id] });
      await client.invalidateQueries({ queryKey: ["analyses", day.id] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    } finally {
      setBusy(false);
    }
  };
  if (!may.correct && own.length < 2) return null;
  return (
    <section className="panel stack no-print">
      {may.correct && (
        <>
          <h2>{w.conversation.analyseWith}</h2>
          <p className="small second">{w.conversation.analyseWithText}</p>
          <div className="row wrap" style={{ alignItems: "flex-end" }}>
            <label className="field">
              {w.conversation.playbookChoice}
              <select value={playbook} onChange={(event) => setPlaybook(event.target.value)}>
                <PlaybookOptions org={day.org} />
              </select>
            </label>
            <button type="button" className="button" disabled={busy} onClick={() => void start()}>
              {w.conversation.analyse}
            </button>
          </div>
        </>
      )}
      {own.length > 1 && (
        <>
          <h3>{w.conversation.history}</h3>
          <ul className="stack small">
            {own.map((row) => (
              <li key={row.id} className="row wrap">
                <span className="num">{dateTime(row.createdAt)}</span>
                <span className="num">{row.overall === null ? w.day.noScore : w.day.score(row.overall)}</span>
                <span className="second">
                  {row.id === segment.analysisId ? w.conversation.current : w.conversation.earlierRow}
                </span>
                {row.id !== shownId && (
                  <Link
                    to="/days/$id/conversations/$seg"
                    params={{ id: day.id, seg: segment.id }}
                    search={{ analysis: row.id }}
                  >
                    {w.conversation.openAnalysis}
                  </Link>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
