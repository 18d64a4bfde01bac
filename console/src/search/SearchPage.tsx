import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { ApiError, get } from "../api/client";
import { list, number, object, text } from "../api/wire";
import { Empty, Problem, Skeleton, useTitle } from "../ui/parts";
import { w } from "../words";
import { Clock, date, dateTime, offset } from "../words/format";
import "./search.css";

interface Hit {
  sessionId: string;
  segmentId: string | null;
  org: string;
  rep: string;
  at: number;
  recordedAt: string | null;
  createdAt: string | null;
  text: string;
  speaker: string | null;
}

export function SearchPage() {
  useTitle(w.search.title);
  const { q } = useSearch({ from: "/search" });
  const navigate = useNavigate();
  const [value, setValue] = useState(q ?? "");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const hits = useQuery({
    queryKey: ["search", q],
    queryFn: async ({ signal }) => {
      try {
        const answer = object(await get("/v1/search", { signal, query: { q } }));
        return list(answer.data ?? answer.hits).map(hitOf);
      } catch (error) {
        if (error instanceof ApiError && error.isMissing) return null;
        throw error;
      }
    },
    enabled: Boolean(q),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: "/search", search: { q: value.trim() || undefined } });
  };
  const days = Map.groupBy(hits.data ?? [], (hit) => hit.sessionId);
  return (
    <div className="page stack loose">
      <h1>{w.search.title}</h1>
      <search>
        <form className="row" onSubmit={submit}>
          <input
            ref={field}
            type="search"
            className="input grow"
            aria-label={w.search.field}
            placeholder={w.search.field}
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
          <button type="submit" className="button primary">
            {w.search.button}
          </button>
        </form>
      </search>
      {!q && <p className="second">{w.search.hint}</p>}
      {hits.error && <Problem error={hits.error} onRetry={() => void hits.refetch()} />}
      {q && hits.isPending && <Skeleton height={64} count={4} />}
      {hits.data === null && <Empty title={w.search.missing} />}
      {hits.data?.length === 0 && <Empty title={w.search.none(q!)} />}
      {hits.data && hits.data.length > 0 && <p role="status">{w.search.hits(hits.data.length)}</p>}
      {[...days].map(([id, rows]) => (
        <section key={id} className="panel stack">
          <h2>
            <Link to="/days/$id" params={{ id }} search={{}}>
              {rows[0]!.recordedAt ? date(rows[0]!.recordedAt) : dateTime(rows[0]!.createdAt) || id}
            </Link>
            <span className="second"> · {rows[0]!.rep}</span>
          </h2>
          <ul className="stack">
            {rows.map((hit) => {
              const clock = new Clock(hit.recordedAt);
              return (
                <li key={`${hit.at} ${hit.text}`}>
                  <Link
                    className="hit"
                    to="/days/$id"
                    params={{ id }}
                    search={{ t: offset(hit.at), seg: hit.segmentId ?? undefined }}
                  >
                    <span className="num tiny">{clock.long(hit.at)}</span>
                    <span dir="auto" className="hit-text">
                      <Marked text={hit.text} q={q ?? ""} />
                    </span>
                  </Link>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </div>
  );
}

function hitOf(row: Record<string, unknown>): Hit {
  return {
    sessionId: text(row.session_id) ?? "",
    segmentId: text(row.segment_id),
    org: text(row.org_id) ?? "",
    rep: text(row.rep_id) ?? "",
    at: number(row.start_seconds) ?? number(row.at_seconds) ?? number(row.start) ?? 0,
    recordedAt: text(row.recorded_at),
    createdAt: text(row.created_at),
    text: text(row.text) ?? text(row.snippet) ?? "",
    speaker: text(row.speaker),
  };
}

/** The passage with the looked-for words marked. */
function Marked({ text: passage, q }: { text: string; q: string }) {
  const words = q.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return passage;
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "giu");
  return passage.split(pattern).map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part));
}
