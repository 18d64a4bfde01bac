import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { follow } from "../api/events";
import { addressOf, type Schema } from "../api/typed";
import type { DayRow, SessionStatus } from "../api/types";
import * as wire from "../api/wire";

type ProgressNews = Schema<"Progress"> & { status: SessionStatus; session_id: string };
type Pages = InfiniteData<{ rows: DayRow[]; next: string | null }>;
/** Several things happen to a day within a second; the list is read again once. */
const GATHER_MS = 500;

/** Keep the list of days current by the partner's event stream: one stream for all rows, and no polling. */
export function useNews(): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = follow(addressOf("/v1/events", { query: { include_data: false } }), {
      progress: (data) => setProgress(client, data as ProgressNews),
      news: () => {
        clearTimeout(timer);
        timer = setTimeout(() => void client.invalidateQueries({ queryKey: ["days"] }), GATHER_MS);
      },
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client]);
}

function setProgress(client: QueryClient, news: ProgressNews): void {
  client.setQueriesData<Pages>({ queryKey: ["days"] }, (now) => {
    if (!now?.pages.some((page) => page.rows.some((row) => row.id === news.session_id))) return now;
    const changed = (row: DayRow) =>
      row.id === news.session_id ? { ...row, status: news.status, progress: wire.progress(news) } : row;
    return { ...now, pages: now.pages.map((page) => ({ ...page, rows: page.rows.map(changed) })) };
  });
}
