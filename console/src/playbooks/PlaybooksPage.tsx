import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { useMay } from "../api/may";
import { useOrgs, usePlaybooks, useRead } from "../api/queries";
import { api } from "../api/typed";
import { Confirm, Empty, Problem, Skeleton, toast, useTitle } from "../ui/parts";
import { w } from "../words";
import { dateTime } from "../words/format";
import { diffLines } from "./diff";
import { Markdown } from "./Markdown";
import "./playbooks.css";

const ONE = "/v1/orgs/{org_id}/playbooks/{playbook_id}";
const VERSIONS = `${ONE}/versions` as const;

export function PlaybooksPage() {
  useTitle(w.playbooks.title);
  const search = useSearch({ from: "/playbooks" });
  const navigate = useNavigate();
  const may = useMay();
  const orgs = useOrgs();
  const org = search.org ?? orgs.data?.data[0]?.org_id ?? "";
  const playbooks = usePlaybooks(org);
  const rows = playbooks.data?.data ?? [];
  const error = orgs.error ?? playbooks.error;
  return (
    <div className="page stack loose">
      <div className="row spread wrap">
        <h1>{w.playbooks.title}</h1>
        <div className="row wrap">
          {(orgs.data?.data.length ?? 0) > 1 && (
            <select
              className="input"
              aria-label={w.days.org}
              value={org}
              onChange={(event) => void navigate({ to: "/playbooks", search: { org: event.target.value } })}
            >
              {orgs.data?.data.map((entry) => (
                <option key={entry.org_id}>{entry.org_id}</option>
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
      {(orgs.isPending || playbooks.isLoading) && <Skeleton height={48} count={4} />}
      {orgs.data?.data.length === 0 && <Empty title={w.playbooks.noOrg} />}
      {playbooks.data && rows.length === 0 && search.id !== "new" && (
        <Empty title={w.playbooks.empty}>
          <p>{w.playbooks.emptyText}</p>
        </Empty>
      )}
      <div className="playbooks">
        {rows.length > 0 && (
          <ul className="stack">
            {rows.map((row) => (
              <li key={row.id}>
                <Link
                  className="playbook-link"
                  to="/playbooks"
                  search={{ org, id: row.id }}
                  aria-current={row.id === search.id ? "page" : undefined}
                >
                  <strong dir="auto">{row.name ?? row.file_name ?? row.id}</strong>
                  <span className="tiny second">
                    {w.playbooks.version(row.version)}
                    {row.rep_id && ` · ${row.rep_id}`}
                    {!row.is_active && ` · ${w.playbooks.inactive}`}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
        {search.id && <Editor key={search.id} org={org} id={search.id === "new" ? null : search.id} />}
      </div>
    </div>
  );
}

function Editor({ org, id }: { org: string; id: string | null }) {
  const place = { org_id: org, playbook_id: id ?? "" };
  const stored = useRead("playbook", ONE, { path: place }, { enabled: id !== null });
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
        name: stored.data.name ?? "",
        content: stored.data.content,
        rep: stored.data.rep_id ?? "",
        active: stored.data.is_active,
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
          ? await api.post("/v1/orgs/{org_id}/playbooks", {
              path: { org_id: org },
              body: { ...body, ...(form.rep ? { rep_id: form.rep } : {}) },
            })
          : await api.patch(ONE, { path: place, body });
      toast(id === null ? w.playbooks.created : w.playbooks.saved);
      await client.invalidateQueries();
      if (id === null) await navigate({ to: "/playbooks", search: { org, id: made.id } });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
  };
  const remove = async () => {
    try {
      await api.remove(ONE, { path: place });
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
              <input
                value={form.rep}
                placeholder={w.playbooks.repHint}
                onChange={(event) => setForm({ ...form, rep: event.target.value })}
              />
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
              placeholder={w.playbooks.example}
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
        {tab === "versions" && id !== null && <Versions org={org} id={id} />}
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

function Versions({ org, id }: { org: string; id: string }) {
  const place = { org_id: org, playbook_id: id };
  const list = useRead("versions", VERSIONS, { path: place });
  const numbers = (list.data?.data ?? []).map((row) => row.version).sort((a, b) => b - a);
  const [chosen, setChosen] = useState<number | null>(null);
  const newest = chosen ?? numbers[0] ?? null;
  const one = (version: number) => ({ path: { ...place, version } });
  const after = useRead("version", `${VERSIONS}/{version}`, one(newest ?? 1));
  const before = useRead("version", `${VERSIONS}/{version}`, one(newest !== null && newest > 1 ? newest - 1 : 1));
  if (list.isPending) return <Skeleton height={120} />;
  const lines = newest !== null && newest > 1 ? diffLines(before.data?.content ?? "", after.data?.content ?? "") : [];
  const isChanged = lines.some((line) => line.kind !== "same");
  return (
    <div className="stack">
      <label className="field">
        {w.playbooks.versions}
        <select value={newest ?? ""} onChange={(event) => setChosen(Number(event.target.value))}>
          {numbers.map((value) => {
            const made = list.data?.data.find((row) => row.version === value);
            return (
              <option key={value} value={value}>
                {w.playbooks.version(value)} · {dateTime(made?.created_at ?? null)}
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
            <Markdown text={after.data.content} />
          </div>
        )
      )}
    </div>
  );
}
