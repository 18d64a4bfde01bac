import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { meQuery } from "../api/me";
import { useOrgs, useReps } from "../api/queries";
import { PlaybookOptions } from "../playbooks/Options";
import { useTitle } from "../ui/parts";
import { w } from "../words";
import { bytes, duration, percent } from "../words/format";
import { MockDays } from "./MockDays";
import {
  addFiles,
  cancelUpload,
  removeUpload,
  sendUpload,
  type Upload,
  type UploadSettings,
  useUploads,
} from "./store";
import "./upload.css";

export function UploadPage() {
  useTitle(w.upload.title);
  const uploads = useUploads();
  const me = useQuery(meQuery);
  const navigate = useNavigate();
  const [settings, setSettings] = useState<UploadSettings>({
    org: "",
    rep: "",
    recordedAt: "",
    playbook: "",
    language: "",
  });
  const [problem, setProblem] = useState<string | null>(null);
  const orgs = useOrgs();
  // Asked for once the org is one that there is, and not at every letter of its name.
  const reps = useReps(orgs.data?.data.some((row) => row.org_id === settings.org) ? settings.org : "");
  const id = useId();
  const ready = uploads.filter((entry) => entry.state === "ready");
  const isSandbox = me.data?.environment === "sandbox";
  const start = async (entries: Upload[]) => {
    if (!settings.org.trim() || !settings.rep.trim()) {
      setProblem(w.upload.missingField);
      return;
    }
    setProblem(null);
    // One after the other: on a slow uplink, the first day is then complete earlier.
    for (const entry of entries) {
      const day = await sendUpload(entry.id, settings, me.data?.maxUploadBytes ?? Number.POSITIVE_INFINITY);
      if (day && entries.length === 1) await navigate({ to: "/days/$id", params: { id: day }, search: {} });
    }
  };
  const field = (name: keyof UploadSettings) => ({
    value: settings[name],
    onChange: (event: { target: { value: string } }) => setSettings({ ...settings, [name]: event.target.value }),
  });
  return (
    <div className="page stack loose">
      <header>
        <h1>{w.upload.title}</h1>
        {!isSandbox && <p className="second">{w.upload.about}</p>}
      </header>
      {isSandbox ? (
        <p className="banner warn">{w.upload.sandbox}</p>
      ) : (
        <>
          <label className="dropbox" htmlFor={`${id}-file`}>
            <strong>{w.upload.drop}</strong>
            <span className="small second">{w.upload.formats}</span>
            <input
              id={`${id}-file`}
              type="file"
              multiple
              accept="audio/*,video/*"
              aria-label={w.upload.choose}
              onChange={(event) => {
                addFiles([...(event.target.files ?? [])]);
                event.target.value = "";
              }}
            />
          </label>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void start(ready);
            }}
          >
            <div className="form-grid">
              <label className="field">
                {w.upload.org}
                <input required list={`${id}-orgs`} autoComplete="organization" {...field("org")} />
              </label>
              <datalist id={`${id}-orgs`}>
                {orgs.data?.data.map((org) => (
                  <option key={org.org_id} value={org.org_id} />
                ))}
              </datalist>
              <label className="field">
                {w.upload.rep}
                <input required list={`${id}-reps`} autoComplete="off" {...field("rep")} />
              </label>
              <datalist id={`${id}-reps`}>
                {reps.data?.data.map((rep) => (
                  <option key={rep.rep_id} value={rep.rep_id} />
                ))}
              </datalist>
              <label className="field">
                {w.upload.date}
                <input type="datetime-local" {...field("recordedAt")} />
              </label>
              <label className="field">
                {w.upload.playbook}
                <select {...field("playbook")}>
                  <PlaybookOptions org={settings.org} />
                </select>
              </label>
              <label className="field">
                {w.upload.language}
                <input placeholder="en" aria-describedby={`${id}-language`} {...field("language")} />
                <span id={`${id}-language`} className="tiny">
                  {w.upload.languageHint}
                </span>
              </label>
            </div>
            {problem && (
              <p className="banner bad" role="alert">
                {problem}
              </p>
            )}
            <div>
              <button type="submit" className="button primary" disabled={ready.length === 0}>
                {w.upload.start}
              </button>
            </div>
          </form>
        </>
      )}
      <ul className="stack" aria-label={w.upload.title}>
        {uploads.map((entry) => (
          <UploadRow key={entry.id} entry={entry} onRetry={() => void start([entry])} />
        ))}
      </ul>
      {isSandbox && <MockDays />}
    </div>
  );
}

function UploadRow({ entry, onRetry }: { entry: Upload; onRetry: () => void }) {
  const share = entry.file.size > 0 ? entry.sent / entry.file.size : 0;
  const left = entry.bytesPerSecond > 0 ? (entry.file.size - entry.sent) / entry.bytesPerSecond : null;
  return (
    <li className="panel stack">
      <div className="row spread wrap">
        <strong className="name">{entry.file.name}</strong>
        <span className="small second num">
          {bytes(entry.file.size)}
          {entry.seconds !== null && ` · ${duration(entry.seconds)}`}
        </span>
      </div>
      {entry.state === "sending" && (
        <>
          <progress value={share} aria-label={entry.file.name} />
          <p className="small num">
            {percent(share)} · {w.upload.of(bytes(entry.sent), bytes(entry.file.size))}
            {entry.bytesPerSecond > 0 && ` · ${w.upload.speed(bytes(entry.bytesPerSecond))}`}
            {left !== null && share < 1 && ` · ${w.upload.left(duration(left))}`}
          </p>
        </>
      )}
      {entry.state === "submitting" && <p role="status">{w.upload.submitted}</p>}
      {entry.problem && (
        <p className="banner bad" role="alert">
          {entry.problem}
        </p>
      )}
      <div className="row">
        {entry.state === "sending" && (
          <button type="button" className="button" onClick={() => cancelUpload(entry.id)}>
            {w.upload.cancel}
          </button>
        )}
        {(entry.state === "failed" || entry.state === "cancelled") && (
          <button type="button" className="button" onClick={onRetry}>
            {w.upload.retry}
          </button>
        )}
        {entry.dayId && (
          <Link className="button" to="/days/$id" params={{ id: entry.dayId }} search={{}}>
            {w.upload.done}
          </Link>
        )}
        {entry.state !== "sending" && entry.state !== "submitting" && (
          <button
            type="button"
            className="button quiet"
            aria-label={`${w.upload.remove}: ${entry.file.name}`}
            onClick={() => removeUpload(entry.id)}
          >
            {w.upload.remove}
          </button>
        )}
      </div>
    </li>
  );
}
