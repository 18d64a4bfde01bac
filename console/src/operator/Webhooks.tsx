import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../api/client";
import { useRead } from "../api/queries";
import { api, type Schema } from "../api/typed";
import { Confirm, copyText, Dialog, Empty, Problem, Skeleton, toast } from "../ui/parts";
import { w } from "../words";
import { dateTime } from "../words/format";

const words = w.operator.webhook;

export function Webhooks({ openId }: { openId: string | undefined }) {
  const webhooks = useRead("webhooks", "/v1/webhooks", { query: { limit: 100 } });
  const rows = webhooks.data?.data ?? [];
  const chosen = rows.find((row) => row.id === openId) ?? rows[0];
  if (webhooks.error) {
    const isForbidden = webhooks.error instanceof ApiError && webhooks.error.status === 403;
    return isForbidden ? <Empty title={webhooks.error.message} /> : <Problem error={webhooks.error} />;
  }
  if (webhooks.isPending) return <Skeleton height={64} count={3} />;
  if (rows.length === 0) {
    return (
      <Empty title={words.none}>
        <p>{words.noneText}</p>
        <pre className="code">{words.noneHow}</pre>
      </Empty>
    );
  }
  return (
    <div className="stack loose">
      <ul className="stack">
        {rows.map((row) => (
          <Webhook key={row.id} row={row} isOpen={row === chosen} />
        ))}
      </ul>
      {chosen && <Deliveries webhook={chosen} />}
    </div>
  );
}

function Webhook({ row, isOpen }: { row: Schema<"WebhookShown">; isOpen: boolean }) {
  const client = useQueryClient();
  const [asks, setAsks] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const path = { webhook_id: row.id };
  const act = async (run: () => Promise<unknown>, done: string) => {
    try {
      await run();
      toast(done);
      await client.invalidateQueries({ queryKey: ["webhooks"] });
      await client.invalidateQueries({ queryKey: ["deliveries"] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
  const active = row.is_active;
  return (
    <li className="panel stack">
      <div className="row spread wrap">
        <Link
          to="/operator"
          search={{ part: "webhooks", id: row.id }}
          aria-current={isOpen ? "true" : undefined}
          className="name"
        >
          <strong>{row.name ?? row.url}</strong>
        </Link>
        <span className={active ? "badge" : "badge bad"}>{active ? words.active : words.disabled}</span>
      </div>
      <p className="small second name">{[...(row.name ? [row.url] : []), ...row.enabled_events].join(" · ")}</p>
      {row.disabled_reason && <p className="banner bad">{row.disabled_reason}</p>}
      <div className="row wrap">
        <button
          type="button"
          className="button"
          onClick={() => void act(() => api.post("/v1/webhooks/{webhook_id}/test", { path }), words.tested)}
        >
          {words.test}
        </button>
        <button type="button" className="button" onClick={() => setAsks(true)}>
          {words.rotate}
        </button>
        {!active && (
          <button
            type="button"
            className="button"
            onClick={() =>
              void act(() => api.patch("/v1/webhooks/{webhook_id}", { path, body: { is_active: true } }), words.active)
            }
          >
            {words.enable}
          </button>
        )}
      </div>
      <Confirm
        text={words.rotateSure}
        action={words.rotate}
        open={asks}
        onClose={() => setAsks(false)}
        onYes={() =>
          void act(async () => {
            const answer = await api.post("/v1/webhooks/{webhook_id}/rotate-secret", { path });
            setSecret(answer.signing_secret);
          }, words.rotate)
        }
      />
      <Dialog title={words.secret} open={secret !== null} onClose={() => setSecret(null)}>
        <code className="name">{secret}</code>
        <div className="row">
          <button type="button" className="button" onClick={() => void copyText(secret ?? "", w.common.copied)}>
            {w.common.copy}
          </button>
          <button type="button" className="button" onClick={() => setSecret(null)}>
            {w.common.close}
          </button>
        </div>
      </Dialog>
    </li>
  );
}

function Deliveries({ webhook }: { webhook: Schema<"WebhookShown"> }) {
  const client = useQueryClient();
  const path = { webhook_id: webhook.id };
  const deliveries = useRead(
    "deliveries",
    "/v1/webhooks/{webhook_id}/deliveries",
    { path, query: { limit: 50 } },
    { isMoving: () => true },
  );
  const rows = deliveries.data?.data ?? [];
  const replay = async (id: string) => {
    try {
      await api.post("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", {
        path: { ...path, delivery_id: id },
      });
      toast(words.replayed);
      await client.invalidateQueries({ queryKey: ["deliveries"] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
  return (
    <section className="stack">
      <h2>{words.deliveries}</h2>
      {deliveries.error && <Problem error={deliveries.error} />}
      {deliveries.data && rows.length === 0 && <p className="second">{words.noDeliveries}</p>}
      {rows.length > 0 && (
        <div className="scroll-x">
          <table className="table cards-narrow">
            <thead>
              <tr>
                <th scope="col">{words.event}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.attempts}</th>
                <th scope="col">{words.next}</th>
                <th scope="col">
                  <span className="sr">{words.replay}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td>
                    {row.event_type}
                    <br />
                    <span className="second">{dateTime(row.created_at)}</span>
                  </td>
                  <td>
                    <span className={row.status === "failed" ? "badge bad" : "badge"}>{words.states[row.status]}</span>
                  </td>
                  <td>
                    <ol className="attempts">
                      {row.attempts.map((attempt) => (
                        <li key={attempt.id}>
                          {dateTime(attempt.attempted_at)}: {attempt.status_code ?? attempt.error}
                        </li>
                      ))}
                    </ol>
                  </td>
                  <td>{dateTime(row.next_attempt_at)}</td>
                  <td>
                    <button
                      type="button"
                      className="button"
                      aria-label={`${words.replay}: ${row.event_type}`}
                      onClick={() => void replay(row.id)}
                    >
                      {words.replay}
                    </button>
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
