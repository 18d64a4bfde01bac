import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { useTitle } from "../ui/parts";
import { w } from "../words";
import { SignInForm, signIn } from "./SignInForm";

/** Sign-in by a link: the token stands in the fragment, which browsers do not send, and is taken out at once. */
export function SignInPage() {
  useTitle(w.signin.title);
  const navigate = useNavigate();
  const client = useQueryClient();
  const [state, setState] = useState<"form" | "working" | string>("form");
  const token = useRef<string | null>(null);
  const day = useRef<string | null>(null);
  useEffect(() => {
    // The ref keeps the token through the second run of effects in development.
    const given = new URLSearchParams(location.hash.slice(1));
    token.current ??= given.get("t");
    // Only a day of this console: a link must not lead anywhere else.
    day.current ??= /^\/days\/([0-9a-f-]{36})$/.exec(given.get("to") ?? "")?.[1] ?? null;
    if (!token.current) return;
    const once = token.current;
    token.current = "";
    history.replaceState(history.state, "", location.pathname);
    setState("working");
    signIn({ token: once })
      .then(async () => {
        await client.resetQueries();
        if (day.current) await navigate({ to: "/days/$id", params: { id: day.current }, search: {}, replace: true });
        else await navigate({ to: "/days", search: {}, replace: true });
      })
      .catch((problem: unknown) => {
        if (!(problem instanceof ApiError)) throw problem;
        setState(problem.status === 401 ? w.signin.usedUp : problem.message);
      });
  }, [client, navigate]);
  return (
    <div className="signin-card stack loose">
      <header className="stack signin-head">
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="40" height="40" />
        <h1>{w.signin.heading}</h1>
      </header>
      {state === "working" ? (
        <p role="status">{w.signin.working}</p>
      ) : (
        <>
          {state !== "form" && (
            <p className="banner bad" role="alert">
              {state}
            </p>
          )}
          <SignInForm onDone={() => void client.resetQueries().then(() => navigate({ to: "/days", search: {} }))} />
        </>
      )}
    </div>
  );
}
