import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useList } from "../api/queries";
import { text } from "../api/wire";
import { Empty, Problem, Skeleton, useTitle } from "../ui/parts";
import { w } from "../words";

/** The reps of an org by name. No ranking. */
export function TeamPage() {
  useTitle(w.rep.team);
  const search = useSearch({ from: "/team" });
  const navigate = useNavigate();
  const orgs = useList("orgs", "/v1/orgs", { limit: 100 });
  const org = search.org ?? text(orgs.data?.[0]?.org_id) ?? "";
  const reps = useList("reps", `/v1/orgs/${encodeURIComponent(org)}/reps`, { limit: 100 }, org !== "");
  const rows = [...(reps.data ?? [])].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  return (
    <div className="page stack loose">
      <h1>{w.rep.team}</h1>
      {(orgs.data?.length ?? 0) > 1 && (
        <label className="field" style={{ maxInlineSize: 320 }}>
          {w.rep.pickOrg}
          <select value={org} onChange={(event) => void navigate({ to: "/team", search: { org: event.target.value } })}>
            {(orgs.data ?? []).map((entry) => (
              <option key={String(entry.org_id)} value={String(entry.org_id)}>
                {text(entry.name) ?? String(entry.org_id)}
              </option>
            ))}
          </select>
        </label>
      )}
      {(orgs.error ?? reps.error) && <Problem error={(orgs.error ?? reps.error)!} />}
      {orgs.isPending && <Skeleton height={40} count={5} />}
      {orgs.data && (org === "" || reps.data?.length === 0) && <Empty title={w.rep.noReps} />}
      {rows.length > 0 && (
        <table className="table">
          <caption className="sr">{w.rep.reps}</caption>
          <thead>
            <tr>
              <th scope="col">{w.days.rep}</th>
              <th scope="col">{w.rep.open}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={String(row.rep_id)}>
                <th scope="row">{nameOf(row)}</th>
                <td>
                  <Link
                    to="/reps/$org/$rep"
                    params={{ org, rep: String(row.rep_id) }}
                    aria-label={`${w.rep.open}: ${nameOf(row)}`}
                  >
                    {w.rep.open}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

const nameOf = (row: Record<string, unknown>): string => text(row.name) ?? String(row.rep_id);
