import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../api/client";
import { api } from "../api/typed";
import { Problem } from "../ui/parts";
import { w } from "../words";

const MOCKS = ["three-conversations", "single-call", "back-to-back", "no-conversation", "failing-recording"] as const;

/** Made-up days: the whole path without a recording, for sandbox sign-ins. */
export function MockDays() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async (name: string) => {
    setError(null);
    try {
      const made = await api.post("/v1/all-day-sessions", {
        body: { org_id: "example-org", rep_id: "example-rep", recording_url: `mock://${name}` },
      });
      void client.invalidateQueries({ queryKey: ["days"] });
      await navigate({ to: "/days/$id", params: { id: made.id }, search: {} });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
  };
  return (
    <section className="stack">
      <h2>{w.days.tryMock}</h2>
      <div className="row wrap">
        {MOCKS.map((name) => (
          <button key={name} type="button" className="button" onClick={() => void submit(name)}>
            {w.days.mocks[name]}
          </button>
        ))}
      </div>
      {error && <Problem error={error} />}
    </section>
  );
}
