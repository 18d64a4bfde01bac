/** Follow a day while it is worked on, by server-sent events. The browser resumes by Last-Event-ID on its own. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { dayQuery, sessionPath } from "../api/queries";
import type { Day, SessionStatus } from "../api/types";
import * as wire from "../api/wire";
import { announce } from "../ui/parts";
import { w } from "../words";

const NAMED = [
  "all_day_session.processing_started",
  "all_day_session.detected",
  "all_day_session.completed",
  "all_day_session.failed",
  "all_day_session.corrected",
];

export function useLive(id: string, running: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!running) return;
    const key = dayQuery(id).queryKey;
    const source = new EventSource(`${sessionPath(id)}/events`);
    source.addEventListener("progress", (event) => {
      const body = wire.object(JSON.parse((event as MessageEvent<string>).data));
      client.setQueryData<Day>(key, (now) => {
        if (!now) return now;
        const status = (wire.text(body.status) ?? now.status) as SessionStatus;
        // The end is read as a whole: the row has segments and sums then.
        if (status === "completed" || status === "failed") return now;
        if (status !== now.status) announce(w.status[status]);
        return { ...now, status, progress: wire.progress(body) };
      });
    });
    const refresh = () => void client.invalidateQueries({ queryKey: key });
    for (const name of NAMED) source.addEventListener(name, refresh);
    source.addEventListener("end", () => {
      source.close();
      refresh();
      void client.invalidateQueries({ queryKey: ["days"] });
    });
    return () => source.close();
  }, [client, id, running]);
}
