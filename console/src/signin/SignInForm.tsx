import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { ApiError } from "../api/client";
import { api } from "../api/typed";
import { w } from "../words";

/** Browsers mark where a request comes from on https and on this computer's own addresses only. */
const isSafePlace = (): boolean => globalThis.isSecureContext;

/** Exchange a one-use token or a key for a cookie. Neither is kept. */
export async function signIn(credential: { token: string } | { key: string }): Promise<void> {
  await api.post("/v1/console/session", { body: credential });
}

export function SignInForm({ onDone }: { onDone?: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!key.trim()) return;
    setBusy(true);
    setError(null);
    try {
      await signIn({ key: key.trim() });
      setKey("");
      if (onDone) onDone();
      else await client.resetQueries();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem.status === 401 ? w.signin.keyWrong : problem.message);
    } finally {
      setBusy(false);
    }
  };
  if (!isSafePlace()) return <p className="banner warn">{w.signin.unsafe}</p>;
  return (
    <div className="stack loose">
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <h2>{w.signin.key}</h2>
        <label className="field" htmlFor={id}>
          {w.signin.keyField}
          <input
            id={id}
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={key}
            aria-invalid={error !== null}
            aria-describedby={error ? `${id}-error` : undefined}
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        {error && (
          <p id={`${id}-error`} className="banner bad" role="alert">
            {error}
          </p>
        )}
        <button type="submit" className="button primary" disabled={busy}>
          {w.signin.button}
        </button>
        <p className="small second">{w.signin.keyText}</p>
      </form>
      <div className="stack">
        <h2>{w.signin.link}</h2>
        <p className="small second">{w.signin.linkText}</p>
      </div>
    </div>
  );
}
