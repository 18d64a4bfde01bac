import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call } from "../api/client";
import { useList, useObject } from "../api/queries";
import { isObject, type Json, list, number, text } from "../api/wire";
import { Confirm, Empty, Problem, Skeleton, toast } from "../ui/parts";
import { w } from "../words";
import { dateTime, duration } from "../words/format";

/** A list that only operators may read: says so for everybody else, and where the server lacks it. */
function useAdmin(key: string, path: string) {
  const rows = useList(key, path);
  const denied = rows.error instanceof ApiError && rows.error.status === 403;
  const notice = denied ? (
    <Empty title={w.operator.needsAdmin} />
  ) : rows.error ? (
    <Problem error={rows.error} />
  ) : rows.isPending ? (
    <Skeleton height={40} count={5} />
  ) : rows.data === null ? (
    <Empty title={w.common.notOffered} />
  ) : null;
  return { rows: rows.data ?? [], notice };
}

function useAct(key: string) {
  const client = useQueryClient();
  return async (method: string, path: string) => {
    try {
      await call(method, path);
      await client.invalidateQueries({ queryKey: [key] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
}

export function Keys() {
  const { rows, notice } = useAdmin("api-keys", "/v1/admin/api-keys");
  const act = useAct("api-keys");
  const [asks, setAsks] = useState<string | null>(null);
  if (notice) return notice;
  return (
    <div className="scroll-x">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{w.account.key}</th>
            <th scope="col">{w.account.environment}</th>
            <th scope="col">{w.operator.keys.made}</th>
            <th scope="col">{w.operator.keys.used}</th>
            <th scope="col">
              <span className="sr">{w.operator.keys.revoke}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const name = text(row.name) ?? text(row.prefix) ?? text(row.key_prefix) ?? String(row.id);
            return (
              <tr key={String(row.id)}>
                <td>{name}</td>
                <td>{text(row.environment)}</td>
                <td>{dateTime(text(row.created_at))}</td>
                <td>{dateTime(text(row.last_used_at)) || w.operator.keys.never}</td>
                <td>
                  {text(row.revoked_at) ? (
                    <span className="badge">{w.operator.keys.revoked}</span>
                  ) : (
                    <button
                      type="button"
                      className="button"
                      aria-label={`${w.operator.keys.revoke}: ${name}`}
                      onClick={() => setAsks(String(row.id))}
                    >
                      {w.operator.keys.revoke}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <Confirm
        text={w.operator.keys.revokeSure}
        action={w.operator.keys.revoke}
        open={asks !== null}
        onClose={() => setAsks(null)}
        onYes={() => void act("DELETE", `/v1/admin/api-keys/${asks}`)}
      />
    </div>
  );
}

export function Partners() {
  const { rows, notice } = useAdmin("partners", "/v1/admin/partners");
  const act = useAct("partners");
  if (notice) return notice;
  return (
    <ul className="stack">
      {rows.map((row) => {
        const suspended = text(row.suspended_at) !== null;
        const name = text(row.name) ?? String(row.id);
        return (
          <li key={String(row.id)} className="panel row spread wrap">
            <span>
              <strong>{name}</strong> <span className="second">{text(row.plan_tier)}</span>
              {suspended && <span className="badge bad">{w.operator.partners.suspended}</span>}
            </span>
            <button
              type="button"
              className="button"
              aria-label={`${suspended ? w.operator.partners.resume : w.operator.partners.suspend}: ${name}`}
              onClick={() =>
                void act("POST", `/v1/admin/partners/${String(row.id)}/${suspended ? "resume" : "suspend"}`)
              }
            >
              {suspended ? w.operator.partners.resume : w.operator.partners.suspend}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

export function Queue() {
  return <Records path="/v1/admin/queue" empty={w.operator.queue.empty} />;
}

export function Workers() {
  return <Records path="/v1/admin/workers" empty={w.operator.workers.empty} />;
}

/** Rows of an operator's list as a table of whatever the server says about each. */
function Records({ path, empty }: { path: string; empty: string }) {
  const body = useObject("admin", path, 5000);
  if (body.error) {
    const denied = body.error instanceof ApiError && body.error.status === 403;
    return denied ? <Empty title={w.operator.needsAdmin} /> : <Problem error={body.error} />;
  }
  if (body.isPending) return <Skeleton height={40} count={4} />;
  if (!body.data) return <Empty title={w.common.notOffered} />;
  const groups = Object.entries(body.data).filter(([, value]) => Array.isArray(value)) as [string, unknown[]][];
  const facts = Object.entries(body.data).filter(([, value]) => typeof value === "number" || typeof value === "string");
  const counts = Object.entries(body.data).filter(([, value]) => isObject(value)) as [string, Json][];
  return (
    <div className="stack loose">
      {facts.length > 0 && <Pairs rows={facts} />}
      {counts.map(([name, value]) => (
        <section key={name} className="stack">
          <h2>{human(name)}</h2>
          <Pairs rows={Object.entries(value)} />
        </section>
      ))}
      {groups.map(([name, value]) => (
        <section key={name} className="stack">
          {groups.length > 1 && <h2>{human(name)}</h2>}
          {value.length === 0 ? <p className="second">{empty}</p> : <Columns rows={list(value)} />}
        </section>
      ))}
    </div>
  );
}

function Pairs({ rows }: { rows: [string, unknown][] }) {
  return (
    <table className="table">
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{human(name)}</th>
            <td className="num">{shown(name, value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Columns({ rows }: { rows: Json[] }) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <div className="scroll-x">
      <table className="table num">
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name} scope="col">
                {human(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={text(row.id) ?? index}>
              {names.map((name) => (
                <td key={name}>{shown(name, row[name])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const human = (name: string): string => name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());

function shown(name: string, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (name.endsWith("_at")) return dateTime(text(value));
  if (name.endsWith("_seconds")) return duration(number(value) ?? 0);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function SignInsOfAll() {
  const { rows, notice } = useAdmin("signins", "/v1/console/sessions");
  const act = useAct("signins");
  if (notice) return notice;
  return (
    <ul className="stack">
      {rows.map((row) => {
        const name = text(row.name) ?? text(row.role) ?? String(row.id);
        return (
          <li key={String(row.id)} className="panel row spread wrap">
            <span>
              {name} · {text(row.role)} · {dateTime(text(row.created_at))}
            </span>
            <button
              type="button"
              className="button"
              aria-label={`${w.account.revoke}: ${name}`}
              onClick={() => void act("DELETE", `/v1/console/sessions/${String(row.id)}`)}
            >
              {w.account.revoke}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
