import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ApiError } from "../api/client";
import { useMay } from "../api/may";
import { dayQuery, isRunning } from "../api/queries";
import { api } from "../api/typed";
import type { Day, Utterance } from "../api/types";
import { Confirm, toast } from "../ui/parts";
import { w } from "../words";
import { duration } from "../words/format";
import { useRemedy } from "./remedy";
import { statusOf } from "./status";

/** What has to be said about a day before its timeline: running, failed, without visits, with rough words. */
export function DayStates({
  day,
  hasTimeline,
  utterances,
  children,
}: {
  day: Day;
  hasTimeline: boolean;
  utterances: readonly Utterance[];
  children?: ReactNode;
}) {
  return (
    <div className="stack day-states">
      {isRunning(day.status) && <Live day={day} />}
      {day.status === "failed" && <Failed day={day} />}
      {day.status === "completed" && day.visits === 0 && (
        <div className="banner">
          <strong>{w.day.noVisits}.</strong> {hasTimeline && w.day.noVisitsText}
        </div>
      )}
      {day.isDemoQuality && (
        <div className="banner warn">
          {w.day.demo}{" "}
          <a href="/docs" target="_blank" rel="noreferrer">
            {w.day.demoHow}
          </a>
        </div>
      )}
      {day.status === "completed" && utterances.length > 0 && utterances.every((part) => part.speaker === null) && (
        <div className="banner">{w.day.noSpeakers}</div>
      )}
      {day.status === "completed" && day.failedAnalyses > 0 && (
        <div className="banner bad">{w.day.partFailed(day.failedAnalyses)}</div>
      )}
      {children}
    </div>
  );
}

const STAGES = ["ingest", "transcribe", "diarize", "detect", "analyze", "finish"] as const;
/** Names of stages that the API uses or used, as places in the list above. */
const PLACES: Record<string, number> = {
  queued: -1,
  ingest: 0,
  fetch: 0,
  transcribe: 1,
  transcribing: 1,
  diarize: 2,
  speakers: 2,
  detect: 3,
  detecting: 3,
  analyze: 4,
  analyzing: 4,
  finish: 5,
};

function Live({ day }: { day: Day }) {
  const [asks, setAsks] = useState(false);
  const act = useAction(day);
  const may = useMay();
  const { progress } = day;
  const place = PLACES[progress.stage] ?? PLACES[day.status] ?? -1;
  return (
    <section className="panel stack live" aria-label={w.day.live}>
      <div className="row spread wrap">
        <strong>
          {statusOf(day)} · <span className="num">{Math.round(progress.percent)} %</span>
        </strong>
        {may.correct && (
          <button type="button" className="button" onClick={() => setAsks(true)}>
            {w.day.cancel}
          </button>
        )}
      </div>
      <progress max={100} value={progress.percent} aria-label={statusOf(day)} />
      <p className="small second num">
        {[
          progress.transcribedSeconds > 0 ? w.day.transcribed(duration(progress.transcribedSeconds)) : "",
          progress.spansDone !== null && progress.spansTotal !== null
            ? w.day.spans(progress.spansDone, progress.spansTotal)
            : "",
          progress.etaSeconds !== null ? w.day.eta(duration(progress.etaSeconds)) : "",
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <ol className="stages">
        {STAGES.map((stage, index) => (
          <li key={stage} aria-current={index === place ? "step" : undefined} data-done={index < place || undefined}>
            <span aria-hidden="true">{index < place ? "✓" : index === place ? "●" : "○"}</span> {w.stages[stage]}
          </li>
        ))}
      </ol>
      <Confirm
        text={w.day.cancelSure}
        action={w.day.cancel}
        open={asks}
        onClose={() => setAsks(false)}
        onYes={() => void act("cancel")}
      />
    </section>
  );
}

function Failed({ day }: { day: Day }) {
  const act = useAction(day);
  const may = useMay();
  const code = day.error?.code ?? "internal_error";
  const isCancelled = code === "cancelled";
  const remedy = useRemedy(isCancelled ? null : code);
  return (
    <section className={isCancelled ? "banner stack" : "banner bad stack"}>
      <strong>{isCancelled ? w.day.cancelled : w.day.failed}</strong>
      {day.error && !isCancelled && <p>{day.error.message}</p>}
      {remedy && (
        <p data-testid="remedy">
          {w.common.whatToDo}: {remedy}
        </p>
      )}
      <div className="row wrap">
        {may.correct && (
          <button type="button" className="button" onClick={() => void act("retry")}>
            {isCancelled ? w.day.goOn : w.day.retry}
          </button>
        )}
        {!isCancelled && (
          <a href={`/docs/errors/${code}`} target="_blank" rel="noreferrer">
            {w.day.aboutError(code)}
          </a>
        )}
      </div>
    </section>
  );
}

function useAction(day: Day) {
  const client = useQueryClient();
  return async (what: "cancel" | "retry") => {
    try {
      await api.post(`/v1/all-day-sessions/{session_id}/${what}`, { path: { session_id: day.id } });
      await client.invalidateQueries({ queryKey: dayQuery(day.id).queryKey });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
}
