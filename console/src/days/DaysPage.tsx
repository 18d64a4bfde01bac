import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { meQuery } from "../api/me";
import { isRunning, useDays } from "../api/queries";
import type { DayRow } from "../api/types";
import { useZone } from "../api/zone";
import { statusOf } from "../day/status";
import { dateOf } from "../day/title";
import { useKeys } from "../ui/keys";
import { Empty, Problem, Skeleton, useTitle } from "../ui/parts";
import { MockDays } from "../upload/MockDays";
import { w } from "../words";
import { Clock, duration } from "../words/format";
import { Filters } from "./Filters";
import { Strip, stripRange } from "./Strip";
import { useNews } from "./useNews";
import "./days.css";

export function DaysPage() {
  useTitle(w.days.title);
  const filters = useSearch({ from: "/days" });
  const days = useDays(filters);
  useNews();
  const me = useQuery(meQuery);
  const rows = useMemo(() => days.data?.pages.flatMap((page) => page.rows) ?? [], [days.data]);
  const list = useRef<HTMLUListElement>(null);
  const navigate = useNavigate();
  const isFiltered = Object.values(filters).some(Boolean);
  const range = useMemo(() => stripRange(rows), [rows]);
  const step = (by: number) => {
    const links = [...(list.current?.querySelectorAll<HTMLAnchorElement>("a.day-link") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
  };
  useKeys([
    { keys: ["ArrowDown"], group: "move", text: w.days.nextRow, run: () => step(1) },
    { keys: ["ArrowUp"], group: "move", text: w.days.previousRow, run: () => step(-1) },
  ]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = days;
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const mark = end.current;
    if (!mark || !hasNextPage || isFetchingNextPage) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) void fetchNextPage();
    });
    observer.observe(mark);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div className="page stack loose">
      <div className="row spread wrap">
        <h1>{w.days.title}</h1>
      </div>
      {(rows.length > 0 || isFiltered || days.isPending) && (
        <Filters filters={filters} onChange={(next) => void navigate({ to: "/days", search: next, replace: true })} />
      )}
      {days.error && <Problem error={days.error} onRetry={() => void days.refetch()} />}
      {days.isPending && <Skeleton height={72} count={6} />}
      {days.data && rows.length === 0 && isFiltered && <Empty title={w.days.none} />}
      {days.data && rows.length === 0 && !isFiltered && (
        <Empty title={w.days.empty}>
          <p>{w.days.emptyText}</p>
          <ol className="ways">
            {w.days.ways.map((way) => (
              <li key={way}>{way}</li>
            ))}
          </ol>
          {me.data?.environment !== "production" && <MockDays />}
        </Empty>
      )}
      <ul ref={list} className="day-list" aria-label={w.days.list}>
        {rows.map((row) => (
          <DayItem key={row.id} row={row} range={range(row)} />
        ))}
      </ul>
      <div ref={end}>{isFetchingNextPage && <Skeleton height={72} count={2} />}</div>
    </div>
  );
}

function DayItem({ row, range }: { row: DayRow; range: { start: number; end: number } }) {
  const running = isRunning(row.status);
  const zone = useZone(row.org);
  const clock = new Clock(row.recordedAt, zone);
  const title = dateOf(row, zone);
  const status = row.error?.code === "cancelled" ? w.status.cancelled : statusOf(row);
  return (
    <li className="day-item">
      <div className="day-head">
        <Link className="day-link" to="/days/$id" params={{ id: row.id }} search={{}}>
          {title}
        </Link>
        <span className="second small day-rep">
          {row.rep} · {row.org}
        </span>
      </div>
      <div className="day-strip">
        {running ? (
          <div className="stack" style={{ gap: 4 }}>
            <span className="meter" role="img" aria-label={w.days.toDo(`${Math.round(row.progress.percent)} %`)}>
              <span style={{ inlineSize: `${row.progress.percent}%` }} />
            </span>
            <span className="tiny second num">
              {status} · {Math.round(row.progress.percent)} %
            </span>
          </div>
        ) : row.status === "failed" ? (
          <span className="small bad-text">{row.error?.message ?? status}</span>
        ) : (
          <Strip runs={row.strip} duration={row.duration ?? 0} range={range} />
        )}
      </div>
      {row.meanScore !== null && row.scored > 0 && (
        <div className="day-score num">
          <span className="score" role="img" aria-label={w.day.score(Math.round(row.meanScore))}>
            {Math.round(row.meanScore)}
          </span>
          <span className="tiny second">{w.days.scoreOf(row.scored)}</span>
        </div>
      )}
      <div className="day-facts small num">
        {row.status === "completed" && (
          <>
            <span>
              <strong>{w.days.visits(row.visits)}</strong>
            </span>
            {row.customerSeconds !== null && row.visits > 0 && (
              <span className="second">{w.days.customerTime(duration(row.customerSeconds))}</span>
            )}
          </>
        )}
        {row.duration !== null && (
          <span className="second">
            {clock.isWallClock ? `${clock.short(0)}–${clock.short(row.duration)}` : w.day.total(duration(row.duration))}
          </span>
        )}
        <span className="row wrap flags">
          {row.status === "failed" && <span className="badge bad">{status}</span>}
          {row.isDemoQuality && <span className="badge warn">{w.days.demo}</span>}
          {!row.audio.playable && !["mock", "not_read_yet"].includes(row.audio.reason ?? "") && (
            <span className="badge">{w.days.noSound}</span>
          )}
          {row.revision > 0 && <span className="badge">✎ {w.days.corrected}</span>}
          {row.failedAnalyses > 0 && <span className="badge bad">{w.days.partFailed(row.failedAnalyses)}</span>}
        </span>
      </div>
    </li>
  );
}
