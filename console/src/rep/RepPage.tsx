import { Link, useParams } from "@tanstack/react-router";
import { useDays, useList } from "../api/queries";
import { analysisRow } from "../api/wire";
import { Empty, Problem, Skeleton, useTitle } from "../ui/parts";
import { w } from "../words";
import { date, dateTime, duration, offset } from "../words/format";

/** A rep's days and conversations as simple lists. */
export function RepPage() {
  const { org, rep } = useParams({ from: "/reps/$org/$rep" });
  useTitle(w.rep.title(rep));
  const days = useDays({ org, rep });
  const analyses = useList("rep-analyses", "/v1/analyses", { org_id: org, rep_id: rep, limit: 100 });
  const rows = days.data?.pages.flatMap((page) => page.rows) ?? [];
  const talks = (analyses.data ?? []).map(analysisRow);
  const titles = new Map(
    rows.map((row) => [row.id, row.recordedAt ? date(row.recordedAt) : w.days.submitted(dateTime(row.createdAt))]),
  );
  return (
    <div className="page stack loose">
      <p className="small">
        <Link to="/team" search={{ org }}>
          {w.rep.team}
        </Link>
      </p>
      <h1>{w.rep.title(rep)}</h1>
      {days.error && <Problem error={days.error} />}
      {days.isPending && <Skeleton height={40} count={5} />}
      {days.data && rows.length === 0 && <Empty title={w.days.none} />}
      {rows.length > 0 && (
        <section className="stack">
          <h2>{w.rep.days}</h2>
          <div className="scroll-x">
            <table className="table num">
              <thead>
                <tr>
                  <th scope="col">{w.rep.days}</th>
                  <th scope="col">{w.days.status}</th>
                  <th scope="col">{w.rep.conversations}</th>
                  <th scope="col">{w.conversation.scores}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <th scope="row">
                      <Link to="/days/$id" params={{ id: row.id }} search={{}}>
                        {titles.get(row.id)}
                      </Link>
                    </th>
                    <td>{w.status[row.status]}</td>
                    <td>
                      {w.days.visits(row.visits)}
                      {row.customerSeconds !== null && row.visits > 0 && `, ${duration(row.customerSeconds)}`}
                    </td>
                    <td>
                      {row.meanScore === null ? w.common.unknown : w.days.score(Math.round(row.meanScore), row.scored)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {days.hasNextPage && (
            <button type="button" className="button" onClick={() => void days.fetchNextPage()}>
              {w.common.more}
            </button>
          )}
        </section>
      )}
      {talks.length > 0 && (
        <section className="stack">
          <h2>{w.rep.conversations}</h2>
          <ul className="stack">
            {talks.map((row) => (
              <li key={row.id} className="row wrap num">
                {row.sessionId && row.segmentId ? (
                  <Link
                    to="/days/$id/conversations/$seg"
                    params={{ id: row.sessionId, seg: row.segmentId }}
                    search={{}}
                  >
                    {titles.get(row.sessionId) ?? dateTime(row.createdAt)}
                    {row.start !== null && `, ${offset(row.start)}`}
                  </Link>
                ) : (
                  <span>{dateTime(row.createdAt)}</span>
                )}
                {row.start !== null && row.end !== null && (
                  <span className="second">{duration(row.end - row.start)}</span>
                )}
                <span>{row.overall === null ? w.day.noScore : w.day.score(row.overall)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
