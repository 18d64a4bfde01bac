/** Follow a day while it is worked on, by server-sent events. The browser resumes by Last-Event-ID on its own. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { follow } from "../api/events";
import { dayQuery } from "../api/queries";
import { addressOf, type Schema } from "../api/typed";
import type { Day, SessionStatus } from "../api/types";
import * as wire from "../api/wire";
import { announce } from "../ui/parts";
import { w } from "../words";

/** What the stream's `progress` carries. */
type ProgressNews = Schema<"Progress"> & { status: SessionStatus };

export function useLive(id: string, running: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!running) return;
    const key = dayQuery(id).queryKey;
    const refresh = () => {
      void client.invalidateQueries({ queryKey: key });
      void client.invalidateQueries({ queryKey: ["timeline", id] });
      void client.invalidateQueries({ queryKey: ["waveform", id] });
    };
    return follow(addressOf("/v1/all-day-sessions/{session_id}/events", { path: { session_id: id } }), {
      progress: (data) => {
        const news = data as ProgressNews;
        client.setQueryData<Day>(key, (now) => {
          if (!now) return now;
          // The end is read as a whole: the row has segments and sums then.
          if (news.status === "completed" || news.status === "failed") return now;
          if (news.status !== now.status) announce(w.status[news.status]);
          const progress = wire.progress(news);
          // Only the session itself tells the length of the recording and whether it can be played.
          if (now.progress.spansTotal === null && progress.spansTotal !== null) queueMicrotask(refresh);
          return { ...now, status: news.status, progress };
        });
      },
      news: refresh,
      end: () => {
        refresh();
        void client.invalidateQueries({ queryKey: ["days"] });
      },
    });
  }, [client, id, running]);
}
