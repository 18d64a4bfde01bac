import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { analysesOfDayQuery, isRunning, useFullDays, useReps } from "../api/queries";
import type { Day, Segment } from "../api/types";
import { useZone } from "../api/zone";
import { dateOf } from "../day/title";
import { Empty, Problem, Skeleton, useTitle } from "../ui/parts";
import { w } from "../words";
import { Clock, duration, sureness } from "../words/format";
import "./rep.css";

/** A rep's days, newest first, each with its conversations. */
export function RepPage() {
  const { org, rep } = useParams({ from: "/reps/$org/$rep" });
  const known = useReps(org).data?.data.find((row) => row.rep_id === rep);
  const name = known?.name ?? rep;
  useTitle(w.rep.title(name));
  const days = useFullDays({ org, rep });
  const rows = days.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <div className="page stack loose">
      <header>
        <p className="small crumbs">
          <Link to="/team" search={{ org }}>
            {w.rep.team}
          </Link>
        </p>
        <h1>{name}</h1>
        <p className="second">{known?.name ? `${rep} · ${org}` : org}</p>
      </header>
      {days.error && <Problem error={days.error} />}
      {days.isPending && <Skeleton height={120} count={3} />}
      {days.data && rows.length === 0 && <Empty title={w.rep.noDays} />}
      {rows.map((day) => (
        <DayOfRep key={day.id} day={day} />
      ))}
      {days.hasNextPage && (
        <div>
          <button type="button" className="button" onClick={() => void days.fetchNextPage()}>
            {w.common.more}
          </button>
        </div>
      )}
    </div>
  );
}

function DayOfRep({ day }: { day: Day }) {
  const zone = useZone(day.org);
  const analyses = useQuery({ ...analysesOfDayQuery(day.id, day.revision), enabled: day.segments.length > 0 });
  const scoreOf = (part: Segment) => analyses.data?.find((row) => row.id === part.analysisId)?.overall ?? null;
  const clock = new Clock(day.recordedAt, zone);
  return (
    <section className="panel stack">
      <div className="row spread wrap">
        <h2>
          <Link to="/days/$id" params={{ id: day.id }} search={{}}>
            {dateOf(day, zone)}
          </Link>
        </h2>
        <span className="small second num">
          {day.status === "completed" ? w.days.visits(day.visits) : w.status[day.status]}
          {day.customerSeconds !== null && day.visits > 0 && ` · ${w.days.customerTime(duration(day.customerSeconds))}`}
        </span>
      </div>
      {day.error && <p className="small bad-text">{day.error.message}</p>}
      {day.segments.length > 0 && (
        <div className="scroll-x">
          <table className="table num rep-talks cards-narrow">
            <thead>
              <tr>
                <th scope="col">{w.rep.time}</th>
                <th scope="col">{w.rep.conversation}</th>
                <th scope="col">{w.rep.length}</th>
                <th scope="col">{w.rep.certainty}</th>
                <th scope="col">{w.rep.score}</th>
              </tr>
            </thead>
            <tbody>
              {day.segments.map((part) => (
                <tr key={part.id}>
                  <td className="nowrap second">{clock.short(part.start)}</td>
                  <th scope="row" dir="auto">
                    <Link to="/days/$id/conversations/$seg" params={{ id: day.id, seg: part.id }} search={{}}>
                      {part.title ?? w.day.untitled(part.index + 1)}
                    </Link>
                  </th>
                  <td className="nowrap second">{duration(part.end - part.start)}</td>
                  <td className="nowrap second">
                    {part.confidence === null
                      ? w.day.byHand
                      : part.confidence >= day.minConfidence
                        ? w.day.sure(sureness(part.confidence))
                        : w.day.check(sureness(part.confidence))}
                  </td>
                  <td className="nowrap">
                    {scoreOf(part) === null ? (
                      <span className="second">{isRunning(day.status) ? "…" : w.day.noScore}</span>
                    ) : (
                      <span className="score">{scoreOf(part)}</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
