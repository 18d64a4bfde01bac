import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { dayQuery, useOrgs, useReps } from "../api/queries";
import { api, type Schema } from "../api/typed";
import { useZone } from "../api/zone";
import { titleOf } from "../day/title";
import { player } from "../player/store";
import { Empty, Problem, Skeleton, useTitle } from "../ui/parts";
import { w } from "../words";
import { date, duration, offset } from "../words/format";
import "./search.css";

type Found = Schema<"ConversationFound">;
type Place = Schema<"PlaceShown">;
/** How long a place is played where nobody can say where the line ends. */
const PLAY_SECONDS = 12;
const LEAD_SECONDS = 2;

export function SearchPage() {
  useTitle(w.search.title);
  const { q, org, rep, since } = useSearch({ from: "/search" });
  const hits = useInfiniteQuery({
    queryKey: ["search", q, org, rep, since],
    queryFn: ({ pageParam, signal }) =>
      api.get("/v1/search", {
        signal,
        query: {
          q: q ?? "",
          org_id: org,
          rep_id: rep,
          since: since ? `${since}T00:00:00Z` : undefined,
          cursor: pageParam,
        },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled: Boolean(q),
  });
  const pages = hits.data?.pages ?? [];
  const found = pages.flatMap((page) => page.data);
  const days = [...Map.groupBy(found, (hit) => hit.session_id)];
  return (
    <div className="page stack loose">
      <h1>{w.search.title}</h1>
      <Form />
      {!q && <p className="second">{w.search.hint}</p>}
      {hits.error && <Problem error={hits.error} onRetry={() => void hits.refetch()} />}
      {q && hits.isPending && <Skeleton height={96} count={4} />}
      {hits.data && found.length === 0 && (
        <Empty title={w.search.none(q ?? "")}>
          <p className="second">{w.search.noneText}</p>
        </Empty>
      )}
      {found.length > 0 && <p role="status">{w.search.hits(found.length, hits.hasNextPage)}</p>}
      {pages.some((page) => !page.is_complete) && <p className="banner warn">{w.search.incomplete}</p>}
      {days.map(([id, rows]) => (
        <DayHits key={id} rows={rows} />
      ))}
      {hits.hasNextPage && (
        <div>
          <button type="button" className="button" onClick={() => void hits.fetchNextPage()}>
            {w.common.more}
          </button>
        </div>
      )}
    </div>
  );
}

function Form() {
  const search = useSearch({ from: "/search" });
  const navigate = useNavigate();
  const [value, setValue] = useState(search.q ?? "");
  const field = useRef<HTMLInputElement>(null);
  const orgs = useOrgs();
  const reps = useReps(search.org ?? "");
  useEffect(() => field.current?.focus(), []);
  const go = (part: Partial<typeof search>) => void navigate({ to: "/search", search: { ...search, ...part } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go({ q: value.trim() || undefined });
  };
  return (
    <search>
      <form className="stack" onSubmit={submit}>
        <div className="row">
          <input
            ref={field}
            type="search"
            className="input grow"
            aria-label={w.search.field}
            placeholder={w.search.placeholder}
            maxLength={200}
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
          <button type="submit" className="button primary">
            {w.search.button}
          </button>
        </div>
        <div className="row wrap search-filters">
          <label className="row small second">
            {w.days.org}
            <select
              className="input"
              value={search.org ?? ""}
              onChange={(event) => go({ org: event.target.value || undefined, rep: undefined })}
            >
              <option value="">{w.common.all}</option>
              {orgs.data?.data.map((row) => (
                <option key={row.org_id} value={row.org_id}>
                  {row.name ?? row.org_id}
                </option>
              ))}
            </select>
          </label>
          <label className="row small second">
            {w.days.rep}
            <select
              className="input"
              disabled={!search.org}
              value={search.rep ?? ""}
              onChange={(event) => go({ rep: event.target.value || undefined })}
            >
              <option value="">{w.common.all}</option>
              {reps.data?.data.map((row) => (
                <option key={row.rep_id} value={row.rep_id}>
                  {row.name ?? row.rep_id}
                </option>
              ))}
            </select>
          </label>
          <label className="row small second">
            {w.search.since}
            <input
              type="date"
              className="input"
              value={search.since ?? ""}
              onChange={(event) => go({ since: event.target.value || undefined })}
            />
          </label>
        </div>
      </form>
    </search>
  );
}

function DayHits({ rows }: { rows: Found[] }) {
  const first = rows[0]!;
  const zone = useZone(first.org_id);
  return (
    <section className="stack">
      <h2 className="search-day">
        <Link to="/days/$id" params={{ id: first.session_id }} search={{}}>
          {date(first.recorded_at, zone)}
        </Link>
        <span className="second"> · {first.rep_id}</span>
      </h2>
      <ul className="stack">
        {rows.map((hit) => (
          <Hit key={hit.segment_id} hit={hit} />
        ))}
      </ul>
    </section>
  );
}

function Hit({ hit }: { hit: Found }) {
  const titled = hit.places.find((place) => place.where === "title");
  const people = hit.places.filter((place) => place.where === "person");
  const spoken = hit.places.filter((place) => place.where === "words");
  const more = hit.place_count - hit.places.length;
  return (
    <li className="panel stack">
      <div className="row spread wrap">
        <h3 dir="auto">
          <Link to="/days/$id/conversations/$seg" params={{ id: hit.session_id, seg: hit.segment_id }} search={{}}>
            {titled ? <Marked parts={titled.parts} /> : (hit.title ?? w.search.untitled)}
          </Link>
        </h3>
        <span className="row small second num">
          {offset(hit.start_seconds)} · {duration(hit.end_seconds - hit.start_seconds)}
          {hit.overall_score !== null && (
            <span className="score" role="img" aria-label={w.day.score(hit.overall_score)}>
              {hit.overall_score}
            </span>
          )}
        </span>
      </div>
      {people.map((place, index) => (
        <p key={index} className="small second" dir="auto">
          {w.search.person} <Marked parts={place.parts} />
        </p>
      ))}
      {spoken.length > 0 && (
        <ul>
          {spoken.map((place) => (
            <li key={`${place.at_seconds} ${place.parts.length}`}>
              <SpokenPlace hit={hit} place={place} />
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p className="small second">{w.search.morePlaces(more)}</p>}
    </li>
  );
}

/** A line that was said: a button that plays it, and a link to its place in the day. */
function SpokenPlace({ hit, place }: { hit: Found; place: Place }) {
  const client = useQueryClient();
  const zone = useZone(hit.org_id);
  const at = place.at_seconds ?? hit.start_seconds;
  // The second that the transcript shows for this line. The word that was found may be spoken later in it.
  const lineStart = place.line_start_seconds ?? at;
  const play = async () => {
    const day = await client.ensureQueryData(dayQuery(hit.session_id));
    const isMock = day.sourceName?.startsWith("mock:") ?? false;
    const total = day.duration ?? hit.end_seconds;
    player.open({ id: day.id, title: titleOf(day, zone), duration: total, audio: day.audio, isMock });
    await player.play(Math.max(0, at - LEAD_SECONDS), Math.min(at + PLAY_SECONDS, total));
  };
  const words = place.parts.map((part) => part.text).join("");
  return (
    <div className="hit">
      <button
        type="button"
        className="time num tiny"
        aria-label={w.common.play(`${offset(lineStart)}, ${words}`)}
        onClick={() => void play()}
      >
        <span aria-hidden="true">▶ </span>
        {offset(lineStart)}
      </button>
      <Link
        className="hit-text"
        dir="auto"
        to="/days/$id"
        params={{ id: hit.session_id }}
        search={{ t: offset(lineStart), seg: hit.segment_id }}
      >
        <Marked parts={place.parts} />
      </Link>
    </div>
  );
}

function Marked({ parts }: { parts: Schema<"TextPart">[] }) {
  return parts.map((part, index) => (part.is_match ? <mark key={index}>{part.text}</mark> : part.text));
}
