import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, call, send } from "../api/client";
import { useMay } from "../api/may";
import { isRunning, sessionPath } from "../api/queries";
import type { Day, Segment, Transcript } from "../api/types";
import { Confirm, download, Menu, toast } from "../ui/parts";
import { w } from "../words";
import { type Clock, date, dateTime, duration as spell } from "../words/format";
import { copyMoment } from "./dayKeys";
import type { Draft } from "./edit/useDraft";
import { toCsv, toMarkdown } from "./exports";
import { History } from "./History";
import { Speakers } from "./Speakers";

export function Header(props: {
  day: Day;
  clock: Clock;
  duration: number;
  transcript: Transcript;
  scoreOf: (part: Segment) => number | null;
  draft: Draft;
}) {
  const { day, clock, duration, draft } = props;
  const done = day.status === "completed";
  const may = useMay();
  const rollup = day.rollup;
  const score = rollup?.averageScores.overall_score ?? null;
  return (
    <header className="day-header">
      <div className="grow">
        <p className="small no-print">
          <Link to="/days" search={{}}>
            {w.app.backToDays}
          </Link>
        </p>
        <h1>
          {day.recordedAt ? date(day.recordedAt) : w.days.submitted(dateTime(day.createdAt))}
          <span className="second"> · {day.rep}</span>
        </h1>
        <p className="facts num">
          <span>{day.org}</span>
          {day.duration !== null && (
            <span>
              {clock.isWallClock && `${clock.short(0)}–${clock.short(duration)}, `}
              {w.day.total(spell(duration))}
            </span>
          )}
          {done && <span>{w.days.visits(day.visits)}</span>}
          {done && day.customerSeconds !== null && day.visits > 0 && (
            <span>{w.days.customerTime(spell(day.customerSeconds))}</span>
          )}
          {score !== null && <span>{w.days.score(Math.round(score), rollup!.analyzed)}</span>}
        </p>
        {day.recordedAtFrom === "container" && <p className="tiny second">{w.day.containerClock}</p>}
        {!clock.isWallClock && day.duration !== null && <p className="tiny second">{w.day.noClock}</p>}
      </div>
      <div className="row wrap no-print day-actions">
        {done && may.correct && !draft.isOpen && (
          <button type="button" className="button primary" onClick={draft.open} title="E">
            {w.edit.start}
          </button>
        )}
        <button type="button" className="button" onClick={() => void copyMoment(day)} title="Y">
          {w.day.copyLink}
        </button>
        <Actions {...props} />
      </div>
      {rollup?.summary && <p className="day-summary">{rollup.summary}</p>}
    </header>
  );
}

function Actions({ day, clock, transcript, scoreOf }: Parameters<typeof Header>[0]) {
  const may = useMay();
  const [asks, setAsks] = useState<"delete" | "history" | "voices" | null>(null);
  const navigate = useNavigate();
  const client = useQueryClient();
  const stem = `dayline-${day.rep}-${(day.recordedAt ?? day.createdAt).slice(0, 10)}`;
  const save = async (format: "vtt" | "srt" | "txt") => {
    try {
      const answer = await send("GET", `${sessionPath(day.id)}/transcript`, { query: { format } });
      download(`${stem}.${format}`, "text/plain", await answer.text());
    } catch (error) {
      toast((error as Error).message);
    }
  };
  const remove = async () => {
    try {
      const receipt = await call<{ rows?: Record<string, number> }>("DELETE", sessionPath(day.id));
      toast(w.day.deleted(Object.values(receipt.rows ?? {}).reduce((sum, count) => sum + count, 0)));
      await navigate({ to: "/days", search: {} });
      client.removeQueries({ queryKey: ["day", day.id] });
      await client.invalidateQueries({ queryKey: ["days"] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
  return (
    <>
      <Menu label={w.day.actions} name={w.day.actions}>
        {(close) => {
          const item = (label: string, run: () => void) => (
            <button
              key={label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                run();
              }}
            >
              {label}
            </button>
          );
          return (
            <>
              {transcript.utterances.length > 0 &&
                (["vtt", "srt", "txt"] as const).map((format) =>
                  item(w.day.exportTranscript(format), () => void save(format)),
                )}
              {item(w.day.exportCsv, () => download(`${stem}.csv`, "text/csv", toCsv(day, clock, scoreOf)))}
              {item(w.day.exportMd, () => download(`${stem}.md`, "text/markdown", toMarkdown(day, clock, scoreOf)))}
              {item(w.day.print, () => window.print())}
              {may.correct &&
                transcript.utterances.some((part) => part.speaker) &&
                item(w.day.rename, () => setAsks("voices"))}
              {day.status === "completed" && item(w.day.history, () => setAsks("history"))}
              {may.remove && item(w.day.delete, () => setAsks("delete"))}
            </>
          );
        }}
      </Menu>
      <Confirm
        text={w.day.deleteSure}
        action={w.day.delete}
        open={asks === "delete"}
        onClose={() => setAsks(null)}
        onYes={() => void remove()}
      />
      {asks === "voices" && <Speakers day={day} transcript={transcript} onClose={() => setAsks(null)} />}
      {asks === "history" && !isRunning(day.status) && (
        <History day={day} clock={clock} onClose={() => setAsks(null)} />
      )}
    </>
  );
}
