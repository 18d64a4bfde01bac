import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";
import { meQuery } from "../api/me";
import { useRead } from "../api/queries";
import { api } from "../api/typed";
import { setKeysEnabled, useKeysEnabled } from "../ui/keys";
import { toast, useTitle } from "../ui/parts";
import { setTheme, type Theme, useTheme } from "../ui/theme";
import { w } from "../words";
import { dateTime } from "../words/format";

export function AccountPage() {
  useTitle(w.account.title);
  const me = useQuery(meQuery);
  const theme = useTheme();
  const keysOn = useKeysEnabled();
  const data = me.data;
  const facts: [string, string | null | undefined][] = [
    [w.account.partner, data?.partner?.name],
    [w.account.role, data?.role],
    [w.account.environment, data?.environment],
    [w.account.key, data?.key?.name ?? data?.key?.id],
  ];
  const server: [string, string | null | undefined][] = [
    [w.account.server, data?.server?.version],
    [w.account.transcriber, data?.server?.transcriber],
    [w.account.analyst, data?.server?.analyst],
  ];
  return (
    <div className="page stack loose">
      <h1>{w.account.title}</h1>
      <section className="panel stack">
        <h2>{w.account.you}</h2>
        <Facts rows={facts} />
      </section>
      <section className="panel stack">
        <h2>{w.account.preferences}</h2>
        <label className="field" style={{ maxInlineSize: 240 }}>
          {w.app.theme}
          <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
            {(Object.keys(w.app.themes) as Theme[]).map((name) => (
              <option key={name} value={name}>
                {w.app.themes[name]}
              </option>
            ))}
          </select>
        </label>
        <label className="check">
          <input type="checkbox" checked={keysOn} onChange={(event) => setKeysEnabled(event.target.checked)} />
          {w.account.keysOn}
        </label>
      </section>
      <SignIns />
      {data?.server && (
        <section className="panel stack">
          <h2>{w.account.server}</h2>
          <Facts rows={server} />
        </section>
      )}
    </div>
  );
}

function Facts({ rows }: { rows: [string, string | null | undefined][] }) {
  const known = rows.filter((row): row is [string, string] => Boolean(row[1]));
  return (
    <table className="table account-facts">
      <tbody>
        {known.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SignIns() {
  const client = useQueryClient();
  const rows = useRead("signins", "/v1/console/sessions", {});
  if (!rows.data || rows.data.data.length === 0) return null;
  const end = async (id: string) => {
    try {
      await api.remove("/v1/console/sessions/{console_session_id}", { path: { console_session_id: id } });
      await client.invalidateQueries({ queryKey: ["signins"] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
  return (
    <section className="panel stack">
      <h2>{w.account.sessions}</h2>
      <ul className="stack">
        {rows.data.data.map((row) => (
          <li key={row.id} className="row spread wrap">
            <span>
              {row.name ?? row.role} · {dateTime(row.created_at)}
              {row.is_current && (
                <>
                  {" "}
                  <span className="badge">{w.account.here}</span>
                </>
              )}
            </span>
            <button type="button" className="button" onClick={() => void end(row.id)}>
              {w.account.revoke}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
