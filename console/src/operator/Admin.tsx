import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ApiError } from "../api/client";
import { useRead } from "../api/queries";
import { api } from "../api/typed";
import { Confirm, Empty, Problem, Skeleton, toast } from "../ui/parts";
import { w } from "../words";
import { dateTime, duration } from "../words/format";

/** What stands in place of a list that has not come, or that only operators may read. */
function noticeOf(query: { error: Error | null; isPending: boolean }): ReactNode {
  if (query.error instanceof ApiError && query.error.status === 403) return <Empty title={w.operator.needsAdmin} />;
  if (query.error) return <Problem error={query.error} />;
  return query.isPending ? <Skeleton height={40} count={5} /> : null;
}

function useAct(key: string) {
  const client = useQueryClient();
  return async (run: () => Promise<unknown>) => {
    try {
      await run();
      await client.invalidateQueries({ queryKey: [key] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
}

function Table({ heads, children }: { heads: ReactNode[]; children: ReactNode }) {
  return (
    <div className="scroll-x">
      <table className="table cards-narrow">
        <thead>
          <tr>
            {heads.map((head, index) => (
              <th key={index} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function Keys() {
  const keys = useRead("api-keys", "/v1/admin/api-keys", {});
  const act = useAct("api-keys");
  const [asks, setAsks] = useState<string | null>(null);
  const notice = noticeOf(keys);
  if (notice) return notice;
  const words = w.operator.keys;
  return (
    <>
      <Table
        heads={[
          w.account.key,
          w.account.environment,
          words.made,
          words.used,
          <span key="revoke" className="sr">
            {words.revoke}
          </span>,
        ]}
      >
        {keys.data?.data.map((row) => {
          const name = row.name ?? row.key_prefix;
          return (
            <tr key={row.id}>
              <td>
                {name} {row.name && <code className="second">{row.key_prefix}…</code>}
              </td>
              <td>{row.environment}</td>
              <td className="num">{dateTime(row.created_at)}</td>
              <td className="num">{dateTime(row.last_used_at) || words.never}</td>
              <td>
                {row.revoked_at ? (
                  <span className="badge">{words.revoked}</span>
                ) : (
                  <button
                    type="button"
                    className="button"
                    aria-label={`${words.revoke}: ${name}`}
                    onClick={() => setAsks(row.id)}
                  >
                    {words.revoke}
                  </button>
                )}
              </td>
            </tr>
          );
        })}
      </Table>
      <Confirm
        text={words.revokeSure}
        action={words.revoke}
        open={asks !== null}
        onClose={() => setAsks(null)}
        onYes={() => void act(() => api.remove("/v1/admin/api-keys/{id}", { path: { id: asks ?? "" } }))}
      />
    </>
  );
}

export function Partners() {
  const partners = useRead("partners", "/v1/admin/partners", {});
  const act = useAct("partners");
  const notice = noticeOf(partners);
  if (notice) return notice;
  const words = w.operator.partners;
  return (
    <ul className="stack">
      {partners.data?.data.map((row) => {
        const change = row.suspended_at === null ? "suspend" : "resume";
        return (
          <li key={row.id} className="panel row spread wrap">
            <span className="row wrap">
              <strong>{row.name}</strong> <span className="second">{row.plan_tier}</span>
              {row.suspended_at !== null && <span className="badge bad">{words.suspended}</span>}
            </span>
            <button
              type="button"
              className="button"
              aria-label={`${words[change]}: ${row.name}`}
              onClick={() =>
                void act(() => api.post(`/v1/admin/partners/{partner_id}/${change}`, { path: { partner_id: row.id } }))
              }
            >
              {words[change]}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

export function Queue() {
  const queue = useRead("queue", "/v1/admin/queue", {}, { isMoving: () => true });
  const notice = noticeOf(queue);
  if (notice) return notice;
  const rows = queue.data?.queues ?? [];
  const words = w.operator.queue;
  return (
    <div className="stack loose">
      <Table heads={[words.name, words.waiting, words.running, words.oldest]}>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{words.names[row.name] ?? row.name}</th>
            <td className="num">{row.waiting}</td>
            <td className="num">{row.running}</td>
            <td className="num">{row.oldest_waiting_seconds === null ? "–" : duration(row.oldest_waiting_seconds)}</td>
          </tr>
        ))}
        {rows.every((row) => row.waiting === 0 && row.running === 0) && (
          <tr>
            <td colSpan={4} className="second">
              {words.empty}
            </td>
          </tr>
        )}
      </Table>
      <p>
        <Link to="/days" search={{ status: "failed" }}>
          {words.failedDays}
        </Link>
      </p>
    </div>
  );
}

export function Workers() {
  const workers = useRead("workers", "/v1/admin/workers", {}, { isMoving: () => true });
  const notice = noticeOf(workers);
  if (notice) return notice;
  const rows = workers.data?.workers ?? [];
  const words = w.operator.workers;
  if (rows.length === 0) return <Empty title={words.empty} />;
  return (
    <Table heads={[words.id, words.state, words.seen]}>
      {rows.map((row) => (
        <tr key={row.id}>
          <th scope="row">
            <code>{row.id}</code>
          </th>
          <td>
            <span className={row.is_alive ? "badge" : "badge bad"}>{row.is_alive ? words.alive : words.gone}</span>
          </td>
          <td className="num">{words.ago(duration(row.seen_seconds_ago))}</td>
        </tr>
      ))}
    </Table>
  );
}

export function SignInsOfAll() {
  const signIns = useRead("signins", "/v1/console/sessions", {});
  const act = useAct("signins");
  const notice = noticeOf(signIns);
  if (notice) return notice;
  return (
    <ul className="stack">
      {signIns.data?.data.map((row) => {
        const name = row.name ?? row.role;
        return (
          <li key={row.id} className="panel row spread wrap">
            <span>
              <strong>{name}</strong>{" "}
              <span className="second">
                {[...(name === row.role ? [] : [row.role]), dateTime(row.created_at)].join(" · ")}
              </span>
            </span>
            <button
              type="button"
              className="button"
              aria-label={`${w.account.revoke}: ${name}`}
              onClick={() =>
                void act(() =>
                  api.remove("/v1/console/sessions/{console_session_id}", { path: { console_session_id: row.id } }),
                )
              }
            >
              {w.account.revoke}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
