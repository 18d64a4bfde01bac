import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, call } from "../api/client";
import { useList } from "../api/queries";
import { flag, type Json, list, number, text } from "../api/wire";
import { Confirm, copyText, Dialog, Empty, Problem, Skeleton, toast } from "../ui/parts";
import { w } from "../words";
import { dateTime } from "../words/format";

const words = w.operator.webhook;

export function Webhooks({ openId }: { openId: string | undefined }) {
  const webhooks = useList("webhooks", "/v1/webhooks", { limit: 100 });
  const chosen = webhooks.data?.find((row) => row.id === openId) ?? webhooks.data?.[0];
  if (webhooks.error) {
    const isForbidden = webhooks.error instanceof ApiError && webhooks.error.status === 403;
    return isForbidden ? <Empty title={webhooks.error.message} /> : <Problem error={webhooks.error} />;
  }
  if (webhooks.isPending) return <Skeleton height={64} count={3} />;
  if (!webhooks.data || webhooks.data.length === 0) return <Empty title={words.none} />;
  return (
    <div className="stack loose">
      <ul className="stack">
        {webhooks.data.map((row) => (
          <Webhook key={String(row.id)} row={row} isOpen={row === chosen} />
        ))}
      </ul>
      {chosen && <Deliveries webhook={chosen} />}
    </div>
  );
}

function Webhook({ row, isOpen }: { row: Json; isOpen: boolean }) {
  const client = useQueryClient();
  const [asks, setAsks] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const path = `/v1/webhooks/${String(row.id)}`;
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
  const active = flag(row.is_active) ?? true;
  return (
    <li className="panel stack">
      <div className="row spread wrap">
        <Link
          to="/operator"
          search={{ part: "webhooks", id: String(row.id) }}
          aria-current={isOpen ? "true" : undefined}
          className="name"
        >
          <strong>{text(row.name) ?? text(row.url)}</strong>
        </Link>
        <span className={active ? "badge" : "badge bad"}>{active ? words.active : words.disabled}</span>
      </div>
      <p className="small second name">
        {text(row.url)} · {Array.isArray(row.enabled_events) ? row.enabled_events.join(", ") : ""}
      </p>
      {text(row.disabled_reason) && <p className="banner bad">{text(row.disabled_reason)}</p>}
      <div className="row wrap">
        <button
          type="button"
          className="button"
          onClick={() => void act(() => call("POST", `${path}/test`), words.tested)}
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
            onClick={() => void act(() => call("PATCH", path, { body: { is_active: true } }), words.active)}
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
            const answer = await call<Json>("POST", `${path}/rotate-secret`);
            setSecret(text(answer.signing_secret));
          }, words.rotate)
        }
      />
      <Dialog title={words.secret} open={secret !== null} onClose={() => setSecret(null)}>
        <code className="name">{secret}</code>
        <div className="row">
          <button type="button" className="button" onClick={() => void copyText(secret ?? "", w.common.copied)}>
            {w.common.copied.replace(/ied$/, "y")}
          </button>
          <button type="button" className="button" onClick={() => setSecret(null)}>
            {w.common.close}
          </button>
        </div>
      </Dialog>
    </li>
  );
}

function Deliveries({ webhook }: { webhook: Json }) {
  const client = useQueryClient();
  const path = `/v1/webhooks/${String(webhook.id)}/deliveries`;
  const deliveries = useList("deliveries", path, { limit: 50 }, true, () => true);
  const replay = async (id: string) => {
    try {
      await call("POST", `${path}/${id}/replay`);
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
      {deliveries.data?.length === 0 && <p className="second">{words.noDeliveries}</p>}
      {(deliveries.data?.length ?? 0) > 0 && (
        <div className="scroll-x">
          <table className="table">
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
              {deliveries.data!.map((row) => {
                const attempts = list(row.attempts);
                return (
                  <tr key={String(row.id)}>
                    <td>
                      {text(row.event_type)}
                      <br />
                      <span className="second">{dateTime(text(row.created_at))}</span>
                    </td>
                    <td>{text(row.status)}</td>
                    <td>
                      <ol className="attempts">
                        {attempts.map((attempt) => (
                          <li key={String(attempt.id)}>
                            {dateTime(text(attempt.attempted_at))}: {number(attempt.status_code) ?? text(attempt.error)}
                          </li>
                        ))}
                      </ol>
                    </td>
                    <td>{dateTime(text(row.next_attempt_at))}</td>
                    <td>
                      <button
                        type="button"
                        className="button"
                        aria-label={`${words.replay}: ${text(row.event_type)}`}
                        onClick={() => void replay(String(row.id))}
                      >
                        {words.replay}
                      </button>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
