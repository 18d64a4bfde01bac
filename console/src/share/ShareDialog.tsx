import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/client";
import { useRead } from "../api/queries";
import { api, type Schema } from "../api/typed";
import type { Day, Segment } from "../api/types";
import { copyText, Dialog, Problem, Skeleton, toast } from "../ui/parts";
import { w } from "../words";
import { dateTime } from "../words/format";
import "./share.css";

const HOURS = [24, 7 * 24, 30 * 24];
const words = w.share;

/** Make a link that shows one conversation to whoever has it; list the links, with a button to revoke each. */
export function ShareDialog({ day, segment, onClose }: { day: Day; segment: Segment; onClose: () => void }) {
  const client = useQueryClient();
  const [made, setMade] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const shares = useRead(
    "shares",
    "/v1/all-day-sessions/{session_id}/shares",
    { path: { session_id: day.id } },
    { isFresh: true },
  );
  const act = async (run: () => Promise<void>) => {
    setError(null);
    try {
      await run();
      await client.invalidateQueries({ queryKey: ["shares"] });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
  };
  const make = (body: Schema<"ShareRequest">) =>
    act(async () => {
      const share = await api.post("/v1/all-day-sessions/{session_id}/segments/{segment_id}/shares", {
        path: { session_id: day.id, segment_id: segment.id },
        body,
      });
      setMade(share.url);
    });
  const revoke = (id: string) =>
    act(async () => {
      await api.remove("/v1/all-day-sessions/{session_id}/shares/{share_id}", {
        path: { session_id: day.id, share_id: id },
      });
      setMade(null);
      toast(words.revoked);
    });
  const rows = shares.data?.data.filter((row) => row.segment_id === segment.id) ?? [];
  return (
    <Dialog title={words.title} open onClose={onClose}>
      <p>{words.text}</p>
      {error?.details.reason === "share_links" ? (
        <p className="banner warn" role="alert">
          {words.notAllowed}
        </p>
      ) : (
        error && <Problem error={error} />
      )}
      {made === null ? (
        <Form canHear={day.audio.source !== "none"} onMake={(body) => void make(body)} />
      ) : (
        <Made url={made} />
      )}
      {shares.error && <Problem error={shares.error} />}
      {shares.isPending && <Skeleton height={40} count={2} />}
      {rows.length > 0 && (
        <section className="stack">
          <h3>{words.list}</h3>
          <ul className="stack">
            {rows.map((row) => (
              <ShareRow key={row.id} row={row} onRevoke={() => void revoke(row.id)} />
            ))}
          </ul>
        </section>
      )}
      <div>
        <button type="button" className="button" onClick={onClose}>
          {w.common.close}
        </button>
      </div>
    </Dialog>
  );
}

function Form({ canHear, onMake }: { canHear: boolean; onMake: (body: Schema<"ShareRequest">) => void }) {
  const [name, setName] = useState("");
  const [hours, setHours] = useState(HOURS[1]!);
  const [audio, setAudio] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onMake({ name: name.trim() || null, expires_in_hours: hours, audio });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="share-form">
        <label className="field">
          {words.name}
          <input
            value={name}
            maxLength={120}
            placeholder={words.nameHint}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label className="field">
          {words.expires}
          <select value={hours} onChange={(event) => setHours(Number(event.target.value))}>
            {HOURS.map((value) => (
              <option key={value} value={value}>
                {words.days(value / 24)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {canHear && (
        <label className="check">
          <input type="checkbox" checked={audio} onChange={(event) => setAudio(event.target.checked)} />
          {words.audio}
        </label>
      )}
      <div>
        <button type="submit" className="button primary">
          {words.make}
        </button>
      </div>
    </form>
  );
}

function Made({ url }: { url: string }) {
  return (
    <div className="stack panel">
      <label className="field">
        {words.link}
        <input readOnly value={url} className="num" onFocus={(event) => event.target.select()} />
      </label>
      <div className="row wrap">
        <button type="button" className="button primary" onClick={() => void copyText(url, w.day.linkCopied)}>
          {w.common.copy}
        </button>
        <span className="small second">{words.once}</span>
      </div>
    </div>
  );
}

function ShareRow({ row, onRevoke }: { row: Schema<"ShareShown">; onRevoke: () => void }) {
  const name = row.name ?? words.nameless;
  const state = row.revoked_at
    ? words.wasRevoked
    : row.is_open
      ? words.until(dateTime(row.expires_at))
      : words.ended(dateTime(row.expires_at));
  return (
    <li className="row spread wrap share-row">
      <span>
        <strong className="name">{name}</strong>
        <span className="small second">
          {" "}
          {[row.audio ? words.withSound : words.wordsOnly, state, words.opened(row.opened_count)].join(" · ")}
        </span>
      </span>
      {row.is_open && (
        <button type="button" className="button small" aria-label={`${words.revoke}: ${name}`} onClick={onRevoke}>
          {words.revoke}
        </button>
      )}
    </li>
  );
}
