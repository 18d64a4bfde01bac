import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/client";
import { useMay } from "../api/may";
import { api, type Schema } from "../api/typed";
import type { Day, Note, Segment } from "../api/types";
import { PlayButton } from "../player/PlayButton";
import { player } from "../player/store";
import { spanAt } from "../timeline/model";
import { toast } from "../ui/parts";
import { w } from "../words";
import { type Clock, dateTime } from "../words/format";

/** What people wrote beside this day, each at its second. */
export function Notes({
  day,
  notes,
  clock,
  segments,
}: {
  day: Day;
  notes: readonly Note[];
  clock: Clock;
  segments: readonly Segment[];
}) {
  const client = useQueryClient();
  const may = useMay();
  const [text, setText] = useState("");
  const [visibility, setVisibility] = useState<NonNullable<Schema<"NoteRequest">["visibility"]>>("coaches");
  const act = async (run: () => Promise<unknown>) => {
    try {
      await run();
      await client.invalidateQueries({ queryKey: ["notes", day.id] });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
      return false;
    }
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    const at = Math.round(player.position * 100) / 100;
    const segment = segments[spanAt(segments, at)];
    const done = await act(() =>
      api.post("/v1/all-day-sessions/{session_id}/notes", {
        path: { session_id: day.id },
        body: { at_seconds: at, text: text.trim(), visibility, ...(segment ? { segment_id: segment.id } : {}) },
      }),
    );
    if (done) setText("");
  };
  return (
    <section className={notes.length > 0 ? "notes stack" : "notes stack no-print"} aria-label={w.day.notes}>
      <h2>{w.day.notes}</h2>
      <ul className="stack">
        {[...notes]
          .sort((a, b) => a.at - b.at)
          .map((note) => (
            <li key={note.id} className="panel stack">
              <div className="row spread small second">
                <PlayButton at={note.at} clock={clock} about={w.day.noteAt(clock.long(note.at))} isShort />
                <span>
                  {note.author} · {dateTime(note.createdAt)} ·{" "}
                  {w.day.noteVisibility[note.visibility] ?? note.visibility}
                </span>
              </div>
              <p dir="auto" className="pre">
                {note.text}
              </p>
              {may.note && (
                <div>
                  <button
                    type="button"
                    className="button quiet"
                    aria-label={`${w.common.delete}: ${w.day.noteAt(clock.long(note.at))}`}
                    onClick={() =>
                      void act(() =>
                        api.remove("/v1/all-day-sessions/{session_id}/notes/{note_id}", {
                          path: { session_id: day.id, note_id: note.id },
                        }),
                      )
                    }
                  >
                    {w.common.delete}
                  </button>
                </div>
              )}
            </li>
          ))}
      </ul>
      {may.note && (
        <form className="stack no-print" onSubmit={(event) => void add(event)}>
          <label className="field">
            {w.day.noteHere}
            <textarea data-note rows={2} value={text} onChange={(event) => setText(event.target.value)} />
          </label>
          <div className="row wrap">
            <select
              className="input"
              aria-label={w.day.noteWho}
              value={visibility}
              onChange={(event) => setVisibility(event.target.value as typeof visibility)}
            >
              {Object.entries(w.day.noteVisibility).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
            <button type="submit" className="button" disabled={!text.trim()}>
              {w.common.save}
            </button>
          </div>
        </form>
      )}
    </section>
  );
}
