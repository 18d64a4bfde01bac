/** Server state, by TanStack Query. One function per thing that a view shows. */

import { queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ApiError, call, get } from "./client";
import type { Waveform } from "./types";
import * as wire from "./wire";

const DAYS = "/v1/all-day-sessions";
const FOREVER = Number.POSITIVE_INFINITY;
const RUNNING_POLL_MS = 3000;

export const sessionPath = (id: string): string => `${DAYS}/${encodeURIComponent(id)}`;

export function isRunning(status: string): boolean {
  return status !== "completed" && status !== "failed";
}

interface Page {
  data: wire.Json[];
  next_cursor: string | null;
}

/** Answer null instead of failing where the server does not offer the route or the state does not allow it yet. */
async function orNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 405 || error.status === 409))
      return null;
    throw error;
  }
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    try {
      return wire.me(await get("/v1/me", { signal }));
    } catch (error) {
      // An older server does not know who asks; its other routes decide what may be seen.
      if (error instanceof ApiError && error.isMissing) return wire.me({});
      throw error;
    }
  },
  staleTime: 60_000,
  retry: false,
});

export interface DayFilters {
  org?: string;
  rep?: string;
  status?: string;
  from?: string;
  to?: string;
}

export function useDays(filters: DayFilters) {
  return useInfiniteQuery({
    queryKey: ["days", filters],
    queryFn: async ({ pageParam, signal }) => {
      const page = await get<Page>(DAYS, {
        kind: "days",
        signal,
        query: {
          limit: 50,
          cursor: pageParam,
          org_id: filters.org,
          rep_id: filters.rep,
          status: filters.status,
          created_after: filters.from ? `${filters.from}T00:00:00Z` : undefined,
          created_before: filters.to ? `${filters.to}T23:59:59Z` : undefined,
        },
        optional: { view: "summary" },
      });
      return { rows: page.data.map(wire.dayRow), next: page.next_cursor };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.rows.some((row) => isRunning(row.status))) ? 5000 : false,
  });
}

export const dayQuery = (id: string) =>
  queryOptions({
    queryKey: ["day", id],
    queryFn: async ({ signal }) => wire.day(await get(sessionPath(id), { signal })),
    refetchInterval: (query) => {
      const day = query.state.data;
      if (!day) return false;
      return isRunning(day.status) || day.segments.some((part) => part.status === "analyzing")
        ? RUNNING_POLL_MS
        : false;
    },
  });

export const timelineQuery = (id: string, revision: number, running: boolean) =>
  queryOptions({
    queryKey: ["timeline", id, revision, running],
    queryFn: async ({ signal }) =>
      wire.intervals(
        await orNull(
          get(`${sessionPath(id)}/timeline`, {
            kind: "timeline",
            signal,
            optional: { partial: running ? "true" : undefined },
          }),
        ),
      ),
    staleTime: running ? 0 : FOREVER,
    refetchInterval: running ? 10_000 : false,
  });

export const transcriptQuery = (id: string, running: boolean) =>
  queryOptions({
    queryKey: ["transcript", id, running],
    queryFn: async ({ signal }) => {
      const found = await orNull(
        get(`${sessionPath(id)}/transcript`, {
          kind: "transcript",
          signal,
          optional: { words: "false", partial: running ? "true" : undefined },
        }),
      );
      return found === null ? null : wire.transcript(found);
    },
    staleTime: running ? 0 : FOREVER,
    refetchInterval: running ? 10_000 : false,
  });

/** The words of a part of the day with their times; null where the server cannot cut a transcript. */
export async function wordsBetween(id: string, start: number, end: number) {
  const found = await orNull(
    get(`${sessionPath(id)}/transcript`, { kind: "words", query: { start: start.toFixed(3), end: end.toFixed(3) } }),
  );
  return found === null ? null : wire.transcript(found).words;
}

export const waveformQuery = (id: string, start: number | null, end: number | null, points: number) =>
  queryOptions({
    queryKey: ["waveform", id, start, end, points],
    queryFn: async ({ signal }): Promise<Waveform | null> => {
      const query = start === null ? { points } : { points, start: start.toFixed(1), end: end!.toFixed(1) };
      try {
        const body = await get<wire.Json>(`${sessionPath(id)}/waveform`, { kind: "waveform", query, signal });
        return { ...wire.waveform(body), start: wire.number(body.start_seconds) ?? start ?? 0 };
      } catch (error) {
        if (error instanceof ApiError && [400, 404, 405, 409].includes(error.status)) return null;
        throw error;
      }
    },
    staleTime: FOREVER,
  });

/** Analyses of one day, without their texts. */
export const analysesOfDayQuery = (id: string, revision: number) =>
  queryOptions({
    queryKey: ["analyses", id, revision],
    queryFn: async ({ signal }) => {
      const page = await get<Page>("/v1/analyses", { signal, query: { parent_session_id: id, limit: 100 } });
      return page.data.map(wire.analysisRow);
    },
    refetchInterval: (query) =>
      query.state.data?.some((row) => row.status === "queued" || row.status === "processing") ? RUNNING_POLL_MS : false,
  });

export const analysisQuery = (id: string) =>
  queryOptions({
    queryKey: ["analysis", id],
    queryFn: async ({ signal }) => wire.analysis(await get(`/v1/analyses/${encodeURIComponent(id)}`, { signal })),
    refetchInterval: (query) =>
      query.state.data && (query.state.data.status === "queued" || query.state.data.status === "processing")
        ? RUNNING_POLL_MS
        : false,
  });

export const notesQuery = (id: string) =>
  queryOptions({
    queryKey: ["notes", id],
    queryFn: async ({ signal }) => {
      const page = await orNull(get<Page>(`${sessionPath(id)}/notes`, { signal }));
      return page === null ? null : page.data.map(wire.note);
    },
  });

export const revisionsQuery = (id: string, revision: number) =>
  queryOptions({
    queryKey: ["revisions", id, revision],
    queryFn: async ({ signal }) => (await get<Page>(`${sessionPath(id)}/revisions`, { signal })).data,
  });

/** A list that answers null where the server does not offer it. */
export function useList(
  key: string,
  path: string,
  query: Record<string, string | number> = {},
  enabled = true,
  /** Ask again every few seconds while the rows are so. */
  isMoving?: (rows: wire.Json[]) => boolean,
) {
  return useQuery({
    queryKey: [key, path, query],
    queryFn: async ({ signal }) => {
      const page = await orNull(get<Page | wire.Json[]>(path, { signal, query }));
      if (page === null) return null;
      return Array.isArray(page) ? page : page.data;
    },
    enabled,
    refetchInterval: (now) => (isMoving?.(now.state.data ?? []) ? RUNNING_POLL_MS : false),
  });
}

/** One object that answers null where the server does not offer it. */
export function useObject(key: string, path: string, refetchMs: number | false = false) {
  return useQuery({
    queryKey: [key, path],
    queryFn: async ({ signal }) => orNull(get<wire.Json>(path, { signal })),
    refetchInterval: refetchMs,
  });
}

export const post = <T = wire.Json>(path: string, body?: unknown) => call<T>("POST", path, { body: body ?? {} });
