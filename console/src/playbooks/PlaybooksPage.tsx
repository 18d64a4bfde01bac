import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError, call } from "../api/client";
import { useMay } from "../api/may";
import { useList, useObject } from "../api/queries";
import { flag, type Json, number, text } from "../api/wire";
import { Confirm, Empty, Problem, Skeleton, toast, useTitle } from "../ui/parts";
import { w } from "../words";
import { dateTime } from "../words/format";
import { diffLines } from "./diff";
import { Markdown } from "./Markdown";
import "./playbooks.css";

export function PlaybooksPage() {
  useTitle(w.playbooks.title);
  const search = useSearch({ from: "/playbooks" });
  const navigate = useNavigate();
  const may = useMay();
  const orgs = useList("orgs", "/v1/orgs", { limit: 100 });
  const org = search.org ?? text(orgs.data?.[0]?.org_id) ?? "";
  const base = `/v1/orgs/${encodeURIComponent(org)}/playbooks`;
  const playbooks = useList("playbooks", base, { limit: 100 }, org !== "");
  const error = orgs.error ?? playbooks.error;
  return (
    <div className="page stack loose">
      <div className="row spread wrap">
        <h1>{w.playbooks.title}</h1>
        <div className="row wrap">
          {(orgs.data?.length ?? 0) > 1 && (
            <select
              className="input"
              aria-label={w.days.org}
              value={org}
              onChange={(event) => void navigate({ to: "/playbooks", search: { org: event.target.value } })}
            >
              {(orgs.data ?? []).map((entry) => (
                <option key={String(entry.org_id)}>{String(entry.org_id)}</option>
              ))}
            </select>
          )}
          {org !== "" && may.writePlaybooks && (
            <Link className="button primary" to="/playbooks" search={{ org, id: "new" }}>
              {w.playbooks.new}
            </Link>
          )}
        </div>
      </div>
      {error && <Problem error={error} />}
      {orgs.isPending && <Skeleton height={48} count={4} />}
      {orgs.data?.length === 0 && <Empty title={w.playbooks.noOrg} />}
      {playbooks.data?.length === 0 && search.id !== "new" && <Empty title={w.playbooks.empty} />}
      <div className="playbooks">
        {(playbooks.data?.length ?? 0) > 0 && (
          <ul className="stack">
            {playbooks.data!.map((row) => (
              <li key={String(row.id)}>
                <Link
                  className="playbook-link"
                  to="/playbooks"
                  search={{ org, id: String(row.id) }}
                  aria-current={row.id === search.id ? "page" : undefined}
                >
                  <strong dir="auto">{text(row.name) ?? text(row.file_name) ?? String(row.id)}</strong>
                  <span className="tiny second">
                    {w.playbooks.version(number(row.version) ?? 1)}
                    {text(row.rep_id) && ` · ${text(row.rep_id)}`}
                    {flag(row.is_active) === false && ` · ${w.playbooks.inactive}`}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
        {search.id && <Editor key={search.id} org={org} base={base} id={search.id === "new" ? null : search.id} />}
      </div>
    </div>
  );
}

function Editor({ org, base, id }: { org: string; base: string; id: string | null }) {
  const stored = useObject("playbook", id ? `${base}/${id}` : "/v1/me");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form, setForm] = useState<{ name: string; content: string; rep: string; active: boolean } | null>(
    id === null ? { name: "", content: "", rep: "", active: true } : null,
  );
  const [error, setError] = useState<ApiError | null>(null);
  const may = useMay();
  const [asks, setAsks] = useState(false);
  const [tab, setTab] = useState<"content" | "preview" | "versions">("content");
  useEffect(() => {
    if (id !== null && stored.data && form === null) {
      setForm({
        name: text(stored.data.name) ?? "",
        content: text(stored.data.content) ?? "",
        rep: text(stored.data.rep_id) ?? "",
        active: flag(stored.data.is_active) ?? true,
      });
    }
  }, [id, stored.data, form]);
  if (stored.error && id !== null) return <Problem error={stored.error} />;
  if (!form) return <Skeleton height={320} />;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    const body = { name: form.name || null, content: form.content, is_active: form.active };
    try {
      const made =
        id === null
          ? await call<Json>("POST", base, { body: { ...body, ...(form.rep ? { rep_id: form.rep } : {}) } })
          : await call<Json>("PATCH", `${base}/${id}`, { body });
      toast(id === null ? w.playbooks.created : w.playbooks.saved);
      await client.invalidateQueries();
      if (id === null) await navigate({ to: "/playbooks", search: { org, id: String(made.id) } });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
  };
  const remove = async () => {
    try {
      await call("DELETE", `${base}/${id}`);
      toast(w.playbooks.deleted);
      await navigate({ to: "/playbooks", search: { org } });
      await client.invalidateQueries({ queryKey: ["playbooks"] });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
  };
  return (
    <div className="stack">
      {error && <Problem error={error} />}
      <form className="stack" onSubmit={(event) => void save(event)}>
        <div className="form-grid">
          <label className="field">
            {w.playbooks.name}
            <input
              value={form.name}
              maxLength={200}
              onChange={(event) => setForm({ ...form, name: event.target.value })}
            />
          </label>
          {id === null && (
            <label className="field">
              {w.playbooks.rep}
              <input value={form.rep} onChange={(event) => setForm({ ...form, rep: event.target.value })} />
            </label>
          )}
        </div>
        <div className="tabs" role="tablist" aria-label={w.playbooks.title}>
          {(["content", "preview", "versions"] as const)
            .filter((name) => id !== null || name !== "versions")
            .map((name) => (
              <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
                {w.playbooks[name]}
              </button>
            ))}
        </div>
        {tab === "content" && (
          <label className="field">
            <span className="sr">{w.playbooks.content}</span>
            <textarea
              required
              rows={18}
              value={form.content}
              onChange={(event) => setForm({ ...form, content: event.target.value })}
            />
          </label>
        )}
        {tab === "preview" && (
          <div className="panel">
            <Markdown text={form.content} />
          </div>
        )}
        {tab === "versions" && id !== null && <Versions base={base} id={id} />}
        <label className="check">
          <input
            type="checkbox"
            checked={form.active}
            onChange={(event) => setForm({ ...form, active: event.target.checked })}
          />
          {w.playbooks.active}
        </label>
        {may.writePlaybooks && (
          <div className="row wrap">
            <button type="submit" className="button primary" disabled={!form.content.trim()}>
              {w.common.save}
            </button>
            {id !== null && (
              <button type="button" className="button" onClick={() => setAsks(true)}>
                {w.common.delete}
              </button>
            )}
          </div>
        )}
      </form>
      {id !== null && (
        <p className="small second">
          <strong>{w.playbooks.scoreOld}:</strong> {w.playbooks.scoreOldHow}
        </p>
      )}
      <Confirm
        text={w.playbooks.deleteSure}
        action={w.common.delete}
        open={asks}
        onClose={() => setAsks(false)}
        onYes={() => void remove()}
      />
    </div>
  );
}

function Versions({ base, id }: { base: string; id: string }) {
  const list = useList("versions", `${base}/${id}/versions`);
  const numbers = (list.data ?? []).map((row) => number(row.version) ?? 0).sort((a, b) => b - a);
  const [chosen, setChosen] = useState<number | null>(null);
  const newest = chosen ?? numbers[0] ?? null;
  const after = useObject("version", `${base}/${id}/versions/${newest ?? 1}`);
  const before = useObject("version", `${base}/${id}/versions/${newest !== null && newest > 1 ? newest - 1 : 1}`);
  if (list.isPending) return <Skeleton height={120} />;
  const lines =
    newest !== null && newest > 1 ? diffLines(text(before.data?.content) ?? "", text(after.data?.content) ?? "") : [];
  const isChanged = lines.some((line) => line.kind !== "same");
  return (
    <div className="stack">
      <label className="field">
        {w.playbooks.versions}
        <select value={newest ?? ""} onChange={(event) => setChosen(Number(event.target.value))}>
          {numbers.map((value) => {
            const made = (list.data ?? []).find((row) => row.version === value);
            return (
              <option key={value} value={value}>
                {w.playbooks.version(value)} · {dateTime(text(made?.created_at))}
              </option>
            );
          })}
        </select>
      </label>
      {newest !== null && newest > 1 ? (
        <>
          <h3>{w.playbooks.diff(newest - 1, newest)}</h3>
          {!isChanged && after.data && <p className="second">{w.playbooks.same}</p>}
          {isChanged && (
            <pre className="diff">
              {lines.map((line, index) => (
                <div key={index} data-kind={line.kind}>
                  <span aria-hidden="true">{line.kind === "added" ? "+" : line.kind === "removed" ? "−" : " "}</span>
                  {line.kind === "added" ? (
                    <ins>{line.text}</ins>
                  ) : line.kind === "removed" ? (
                    <del>{line.text}</del>
                  ) : (
                    line.text
                  )}
                </div>
              ))}
            </pre>
          )}
        </>
      ) : (
        after.data && (
          <div className="panel">
            <Markdown text={text(after.data.content) ?? ""} />
          </div>
        )
      )}
    </div>
  );
}
