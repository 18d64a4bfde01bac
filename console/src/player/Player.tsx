import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { dayQuery, timelineQuery, transcriptQuery } from "../api/queries";
import { api } from "../api/typed";
import { spanAt } from "../timeline/model";
import { useKeys } from "../ui/keys";
import { Dialog, toast } from "../ui/parts";
import { w } from "../words";
import { offset, spokenDuration } from "../words/format";
import { openLocalCopy } from "./localCopy";
import { audibleSpans, intersect } from "./quotes";
import { player, SPEEDS, usePlayer } from "./store";
import "./player.css";

/** The player at the foot of the page. It stays while the visitor moves from view to view. */
export function Player() {
  const dayId = usePlayer((state) => state.dayId);
  return dayId ? <OpenPlayer dayId={dayId} /> : null;
}

function OpenPlayer({ dayId }: { dayId: string }) {
  const playing = usePlayer((state) => state.playing);
  const loading = usePlayer((state) => state.loading);
  const speed = usePlayer((state) => state.speed);
  const source = usePlayer((state) => state.source);
  const hasSound = source !== "none";
  useKeys([
    { keys: ["Space", "k"], group: "play", text: w.player.play, run: () => void player.toggle() },
    { keys: ["j"], group: "play", text: w.player.back, run: () => player.by(-10) },
    { keys: ["l"], group: "play", text: w.player.forward, run: () => player.by(10) },
    { keys: ["ArrowLeft"], group: "play", text: "−5 s", run: () => player.by(-5) },
    { keys: ["ArrowRight"], group: "play", text: "+5 s", run: () => player.by(5) },
    { keys: ["Shift+ArrowLeft"], group: "play", text: "−1 s", run: () => player.by(-1) },
    { keys: ["Shift+ArrowRight"], group: "play", text: "+1 s", run: () => player.by(1) },
    { keys: [","], group: "play", text: "−0.1 s", run: () => player.by(-0.1) },
    { keys: ["."], group: "play", text: "+0.1 s", run: () => player.by(0.1) },
    { keys: ["<"], group: "play", text: `${w.player.speed} −`, run: () => player.faster(-1) },
    { keys: [">"], group: "play", text: `${w.player.speed} +`, run: () => player.faster(1) },
  ]);
  return (
    <section className="player no-print" aria-label={w.player.region}>
      <div className="player-main">
        <button
          type="button"
          className="button icon"
          aria-label={w.player.back}
          title={`${w.player.back} (J)`}
          onClick={() => player.by(-10)}
        >
          <span aria-hidden="true">−10</span>
        </button>
        <button
          type="button"
          className="button primary play"
          aria-label={playing ? w.player.pause : w.player.play}
          title={`${playing ? w.player.pause : w.player.play} (K)`}
          disabled={!hasSound}
          aria-busy={loading}
          onClick={() => void player.toggle()}
        >
          <PlayIcon playing={playing} />
        </button>
        <button
          type="button"
          className="button icon"
          aria-label={w.player.forward}
          title={`${w.player.forward} (L)`}
          onClick={() => player.by(10)}
        >
          <span aria-hidden="true">+10</span>
        </button>
        <div className="grow player-place">
          <div className="row spread tiny">
            <Where dayId={dayId} />
            <Place />
          </div>
          <SeekBar dayId={dayId} />
        </div>
        {hasSound ? <Modes dayId={dayId} speed={speed} /> : <NoSound dayId={dayId} />}
      </div>
    </section>
  );
}

function PlayIcon({ playing }: { playing: boolean }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="currentColor">
      {playing ? <path d="M3 2h4v12H3zM9 2h4v12H9z" /> : <path d="M4 2l10 6-10 6z" />}
    </svg>
  );
}

/** What is heard now: the conversation, else the day. */
function Where({ dayId }: { dayId: string }) {
  const title = usePlayer((state) => state.title);
  const day = useQuery({ ...dayQuery(dayId), refetchInterval: false });
  const segments = day.data?.segments;
  const [now, setNow] = useState<number | null>(null);
  useEffect(
    () =>
      player.onMove((seconds) => {
        const index = spanAt(segments ?? [], seconds);
        setNow(index < 0 ? null : index);
      }),
    [segments],
  );
  const part = now === null ? undefined : segments?.[now];
  return (
    <span className="player-title" dir="auto">
      {part && <strong>{`${part.index + 1}. ${part.title ?? w.day.untitled(part.index + 1)}`}</strong>}
      {part ? <span className="second"> · {title}</span> : title}
    </span>
  );
}

/** The position, written into the page without rendering anything else. */
function Place() {
  const ref = useRef<HTMLSpanElement>(null);
  const duration = usePlayer((state) => state.duration);
  useEffect(
    () =>
      player.onMove((seconds) => {
        if (!ref.current) return;
        const text = `${offset(seconds)} / ${offset(duration)}`;
        if (ref.current.textContent !== text) ref.current.textContent = text;
        ref.current.dataset.seconds = seconds.toFixed(3);
      }),
    [duration],
  );
  return <span ref={ref} className="num nowrap" data-testid="place" />;
}

function SeekBar({ dayId }: { dayId: string }) {
  const ref = useRef<HTMLInputElement>(null);
  const duration = usePlayer((state) => state.duration);
  const day = useQuery({ ...dayQuery(dayId), refetchInterval: false });
  const segments = day.data?.segments ?? [];
  const spoken = useRef(segments);
  spoken.current = segments;
  useEffect(
    () =>
      player.onMove((seconds) => {
        const bar = ref.current;
        if (!bar) return;
        const whole = Math.round(seconds);
        if (Number(bar.value) === whole && bar.getAttribute("aria-valuetext")) return;
        bar.value = String(whole);
        bar.style.setProperty("--done", `${duration > 0 ? (seconds / duration) * 100 : 0}%`);
        const inside = spoken.current[spanAt(spoken.current, seconds)];
        const where = inside ? (inside.title ?? w.day.untitled(inside.index + 1)) : w.player.silent;
        bar.setAttribute("aria-valuetext", `${spokenDuration(whole)}, ${where}`);
      }),
    [duration],
  );
  return (
    <input
      ref={ref}
      type="range"
      className="seek"
      aria-label={w.player.position}
      min={0}
      max={Math.round(duration)}
      step={1}
      defaultValue={0}
      onChange={(event) => player.seek(Number(event.target.value))}
    />
  );
}

function Modes({ dayId, speed }: { dayId: string; speed: number }) {
  const onlyCustomers = usePlayer((state) => state.onlyCustomers);
  const skipSilence = usePlayer((state) => state.skipSilence);
  const day = useQuery({ ...dayQuery(dayId), refetchInterval: false });
  const revision = day.data?.revision ?? 0;
  const timeline = useQuery({ ...timelineQuery(dayId, revision, false), enabled: onlyCustomers });
  const transcript = useQuery({ ...transcriptQuery(dayId, false), enabled: skipSilence });
  useEffect(() => {
    const customers = onlyCustomers ? (timeline.data ?? []).filter((part) => part.label === "customer") : null;
    const speech = skipSilence && transcript.data ? audibleSpans(transcript.data.utterances) : null;
    player.only(customers && speech ? intersect(customers, speech) : (customers ?? speech));
  }, [onlyCustomers, skipSilence, timeline.data, transcript.data]);
  return (
    <div className="row player-modes">
      <label className="row tiny">
        <span className="sr">{w.player.speed}</span>
        <select className="input" value={speed} onChange={(event) => player.setSpeed(Number(event.target.value))}>
          {SPEEDS.map((value) => (
            <option key={value} value={value}>
              {value}×
            </option>
          ))}
        </select>
      </label>
      <label className="check tiny">
        <input
          type="checkbox"
          checked={onlyCustomers}
          onChange={(event) => player.setModes({ onlyCustomers: event.target.checked })}
        />
        {w.player.onlyCustomers}
      </label>
      <label className="check tiny">
        <input
          type="checkbox"
          checked={skipSilence}
          onChange={(event) => player.setModes({ skipSilence: event.target.checked })}
        />
        {w.player.skipSilence}
      </label>
    </div>
  );
}

function NoSound({ dayId }: { dayId: string }) {
  const [open, setOpen] = useState(false);
  const reason = usePlayer((state) => state.reason);
  const why = (reason && w.player.reasons[reason]) || w.player.noSoundText;
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        {w.player.noSound}
      </button>
      <Dialog title={w.player.noSound} open={open} onClose={() => setOpen(false)}>
        <p>{why}</p>
        {reason !== "mock" && <SoundAgain dayId={dayId} reason={reason} onDone={() => setOpen(false)} />}
        <button type="button" className="button" onClick={() => setOpen(false)}>
          {w.common.close}
        </button>
      </Dialog>
    </>
  );
}

function SoundAgain({ dayId, reason, onDone }: { dayId: string; reason: string | null; onDone: () => void }) {
  const duration = usePlayer((state) => state.duration);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [url, setUrl] = useState("");
  const client = useQueryClient();
  const take = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    const found = await openLocalCopy(file, duration);
    setBusy(false);
    if ("url" in found) {
      player.playLocal(found.url);
      toast(w.player.localOn);
      onDone();
    } else {
      setProblem(
        found.seconds === null ? w.player.localBad : w.player.localWrong(offset(found.seconds), offset(duration)),
      );
    }
  };
  const renew = async () => {
    try {
      await api.put("/v1/all-day-sessions/{session_id}/recording-url", {
        path: { session_id: dayId },
        body: { recording_url: url },
      });
      toast(w.player.newUrlDone);
      await client.invalidateQueries({ queryKey: ["day", dayId] });
      onDone();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.message);
    }
  };
  return (
    <>
      {problem && (
        <p className="banner bad" role="alert">
          {problem}
        </p>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the field inside does the same */}
      <div
        className="panel stack"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          event.stopPropagation();
          void take(event.dataTransfer.files[0]);
        }}
      >
        <h3>{w.player.local}</h3>
        <p className="small second">{busy ? w.player.checking : w.player.localText}</p>
        <input
          type="file"
          accept="audio/*,video/*"
          aria-label={w.player.local}
          onChange={(event) => void take(event.target.files?.[0])}
        />
      </div>
      {(reason === "recording_gone" || reason === "recording_changed") && (
        <div className="panel stack">
          <h3>{w.player.newUrl}</h3>
          <p className="small second">{w.player.newUrlText}</p>
          <label className="field">
            {w.player.newUrlField}
            <input type="url" value={url} onChange={(event) => setUrl(event.target.value)} />
          </label>
          <div>
            <button type="button" className="button" disabled={!url} onClick={() => void renew()}>
              {w.player.newUrl}
            </button>
          </div>
        </div>
      )}
    </>
  );
}
