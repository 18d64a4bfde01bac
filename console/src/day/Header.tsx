import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, send } from "../api/client";
import { useMay } from "../api/may";
import { isRunning } from "../api/queries";
import { addressOf, api } from "../api/typed";
import type { Day, Segment, Transcript } from "../api/types";
import { WithPlaces } from "../player/PlayButton";
import { Confirm, download, Menu, toast } from "../ui/parts";
import { w } from "../words";
import { type Clock, duration as spell } from "../words/format";
import { copyMoment } from "./dayKeys";
import { type Digest, placesIn } from "./digest";
import type { Draft } from "./edit/useDraft";
import { toCsv, toMarkdown } from "./exports";
import { History } from "./History";
import { Speakers } from "./Speakers";
import { dateOf } from "./title";

export function Header(props: {
  day: Day;
  clock: Clock;
  zone: string | null;
  duration: number;
  digest: Digest;
  transcript: Transcript;
  scoreOf: (part: Segment) => number | null;
  draft: Draft;
  isReading: boolean;
  onReading: (on: boolean) => void;
}) {
  const { day, clock, digest, draft, isReading } = props;
  const done = day.status === "completed";
  const isBare = day.status === "failed" && day.duration === null;
  // Without a conversation the banner below says it, and says more.
  const sentences = done && day.visits === 0 ? [] : digest.whole;
  const may = useMay();
  return (
    <header className="day-header">
      <div className="grow">
        <p className="small crumbs no-print">
          <Link to="/days" search={{}}>
            {w.app.backToDays}
          </Link>
        </p>
        <h1>
          {dateOf(day, props.zone)}
          <span className="second"> · {day.rep}</span>
        </h1>
        <Facts {...props} />
      </div>
      <div className="row wrap no-print day-actions">
        {!isBare && (
          <button type="button" className="button" onClick={() => props.onReading(!isReading)} title="V">
            {isReading ? w.day.timelineView : w.day.reading}
          </button>
        )}
        {done && may.correct && !draft.isOpen && !isReading && (
          <button type="button" className="button" onClick={draft.open} title="E">
            {w.edit.start}
          </button>
        )}
        <button type="button" className="button wide-only" onClick={() => void copyMoment(day, clock)} title="Y">
          {w.day.copyLink}
        </button>
        <Actions {...props} />
      </div>
      {sentences.length > 0 && (
        <p className="day-summary">
          {sentences.map((sentence) => (
            <span key={sentence} dir="auto">
              <WithPlaces pieces={placesIn(sentence, props.duration)} clock={clock} />{" "}
            </span>
          ))}
        </p>
      )}
    </header>
  );
}

/** The day in numbers. */
function Facts({ day, clock, duration }: Parameters<typeof Header>[0]) {
  const done = day.status === "completed";
  const facts: [string, string][] = [];
  if (done) facts.push([String(day.visits), w.days.visitsWord(day.visits)]);
  if (done && day.customerSeconds !== null && day.visits > 0)
    facts.push([spell(day.customerSeconds), w.day.withCustomers]);
  if (day.meanScore !== null && day.scored > 0)
    facts.push([String(Math.round(day.meanScore)), w.day.meanScore(day.scored)]);
  if (day.duration !== null) {
    const hours = clock.isWallClock ? `, ${clock.short(0)}–${clock.short(duration)}` : "";
    // Until the recording is read to its end, nobody knows its length.
    const isRead = !isRunning(day.status) || day.progress.spansTotal !== null;
    facts.push([spell(duration), isRead ? w.day.recorded + hours : w.day.readSoFar]);
  }
  return (
    <>
      <p className="facts num">
        {facts.map(([value, name]) => (
          <span key={name}>
            <strong>{value}</strong> {name}
          </span>
        ))}
        <span>{day.org}</span>
      </p>
      {day.recordedAtFrom === "container" && <p className="tiny second">{w.day.containerClock}</p>}
      {!clock.isWallClock && day.duration !== null && <p className="tiny second">{w.day.noClock}</p>}
    </>
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
      const init = { path: { session_id: day.id }, query: { format } };
      const answer = await send("GET", addressOf("/v1/all-day-sessions/{session_id}/transcript", init));
      download(`${stem}.${format}`, "text/plain", await answer.text());
    } catch (error) {
      toast((error as Error).message);
    }
  };
  const remove = async () => {
    try {
      const receipt = await api.remove("/v1/all-day-sessions/{session_id}", { path: { session_id: day.id } });
      toast(w.day.deleted(Object.values(receipt.rows).reduce((sum, count) => sum + count, 0)));
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
              <button
                type="button"
                role="menuitem"
                tabIndex={-1}
                className="narrow-only"
                onClick={() => {
                  close();
                  void copyMoment(day, clock);
                }}
              >
                {w.day.copyLink}
              </button>
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
