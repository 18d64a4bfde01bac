import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { ApiError } from "../api/client";
import { api } from "../api/typed";
import type { Day, Transcript } from "../api/types";
import { Dialog, toast } from "../ui/parts";
import { w } from "../words";
import { speakerName } from "./speakers";

/** Give the voices of a day names. An empty field takes a name away again. */
export function Speakers({ day, transcript, onClose }: { day: Day; transcript: Transcript; onClose: () => void }) {
  const client = useQueryClient();
  const [names, setNames] = useState<Record<string, string>>(day.speakerNames);
  const voices = useMemo(
    () => [...new Set(transcript.utterances.flatMap((part) => (part.speaker ? [part.speaker] : [])))].sort(),
    [transcript],
  );
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const changed = Object.fromEntries(
      voices
        .filter((voice) => (names[voice] ?? "").trim() !== (day.speakerNames[voice] ?? ""))
        .map((voice) => [voice, (names[voice] ?? "").trim() || null]),
    );
    try {
      if (Object.keys(changed).length > 0) {
        await api.patch("/v1/all-day-sessions/{session_id}/speakers", { path: { session_id: day.id }, body: changed });
      }
      await client.invalidateQueries({ queryKey: ["day", day.id] });
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
  return (
    <Dialog title={w.day.rename} open onClose={onClose}>
      <form className="stack" onSubmit={(event) => void save(event)}>
        {voices.map((voice) => (
          <label key={voice} className="field">
            {speakerName(voice, {})}
            <input
              value={names[voice] ?? ""}
              maxLength={100}
              onChange={(event) => setNames({ ...names, [voice]: event.target.value })}
            />
          </label>
        ))}
        <div className="row">
          <button type="submit" className="button primary">
            {w.common.save}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {w.common.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
