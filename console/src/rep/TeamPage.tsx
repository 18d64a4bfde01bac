import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useOrgs, useReps } from "../api/queries";
import { Empty, Problem, Skeleton, useTitle } from "../ui/parts";
import { w } from "../words";
import "./rep.css";

/** The reps of an org by name. No ranking. */
export function TeamPage() {
  useTitle(w.rep.team);
  const search = useSearch({ from: "/team" });
  const navigate = useNavigate();
  const orgs = useOrgs();
  const org = search.org ?? orgs.data?.data[0]?.org_id ?? "";
  const reps = useReps(org);
  const nameOf = (row: { name: string | null; rep_id: string }) => row.name ?? row.rep_id;
  const rows = [...(reps.data?.data ?? [])].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const error = orgs.error ?? reps.error;
  return (
    <div className="page stack loose">
      <div className="row spread wrap">
        <h1>{w.rep.team}</h1>
        {(orgs.data?.data.length ?? 0) > 1 && (
          <label className="row small second">
            {w.rep.pickOrg}
            <select
              className="input"
              value={org}
              onChange={(event) => void navigate({ to: "/team", search: { org: event.target.value } })}
            >
              {orgs.data?.data.map((entry) => (
                <option key={entry.org_id} value={entry.org_id}>
                  {entry.name ?? entry.org_id}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {error && <Problem error={error} />}
      {orgs.isPending && <Skeleton height={48} count={5} />}
      {orgs.data && (org === "" || reps.data?.data.length === 0) && <Empty title={w.rep.noReps} />}
      {rows.length > 0 && (
        <ul className="rep-list" aria-label={w.rep.reps}>
          {rows.map((row) => (
            <li key={row.rep_id}>
              <Link className="rep-link" to="/reps/$org/$rep" params={{ org, rep: row.rep_id }}>
                <strong>{nameOf(row)}</strong>
                <span className="second small">
                  {row.name ? row.rep_id : w.rep.open}
                  {row.has_voice && ` · ${w.rep.hasVoice}`}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
