/** Server state, by TanStack Query. One function per thing that a view shows. */

import { queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ApiError } from "./client";
import { type Answer, api, type Init, type PathOf, type Schema } from "./typed";
import type { SessionStatus, Waveform } from "./types";
import * as wire from "./wire";

const FOREVER = Number.POSITIVE_INFINITY;
const RUNNING_POLL_MS = 3000;
const LIVE_POLL_MS = 5000;

export function isRunning(status: SessionStatus): boolean {
  return status !== "completed" && status !== "failed";
}

/** Answer null where the state of the day does not allow the answer yet, or the visitor may not read it. */
async function orNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return null;
    throw error;
  }
}

export interface DayFilters {
  org?: string;
  rep?: string;
  status?: string;
  from?: string;
  to?: string;
}

function filterQuery(filters: DayFilters) {
  return {
    org_id: filters.org,
    rep_id: filters.rep,
    // A hand-written address may name any status; the server refuses what it does not know.
    status: filters.status as SessionStatus | undefined,
    created_after: filters.from ? `${filters.from}T00:00:00Z` : undefined,
    created_before: filters.to ? `${filters.to}T23:59:59Z` : undefined,
  };
}

export function useDays(filters: DayFilters) {
  return useInfiniteQuery({
    queryKey: ["days", filters],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filterQuery(filters), limit: 50, cursor: pageParam, view: "summary" as const };
      const page = (await api.get("/v1/all-day-sessions", { signal, query })) as Schema<"SummaryPage">;
      return { rows: page.data.map(wire.dayRow), next: page.next_cursor };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** The same list with the conversations of every day. */
export function useFullDays(filters: DayFilters) {
  return useInfiniteQuery({
    queryKey: ["days", "full", filters],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filterQuery(filters), limit: 20, cursor: pageParam, view: "full" as const };
      const page = (await api.get("/v1/all-day-sessions", { signal, query })) as Schema<"SessionPage">;
      return { rows: page.data.map(wire.day), next: page.next_cursor };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export const dayQuery = (id: string) =>
  queryOptions({
    queryKey: ["day", id],
    queryFn: async ({ signal }) =>
      wire.day(await api.get("/v1/all-day-sessions/{session_id}", { path: { session_id: id }, signal })),
    // A running day is followed by its events; analyses that were asked for later are waited for here.
    refetchInterval: (query) =>
      query.state.data?.segments.some((part) => part.status === "analyzing") ? RUNNING_POLL_MS : false,
  });

export const timelineQuery = (id: string, revision: number, running: boolean) =>
  queryOptions({
    queryKey: ["timeline", id, revision, running],
    queryFn: async ({ signal }) => {
      const path = { session_id: id };
      const found = await orNull(api.get("/v1/all-day-sessions/{session_id}/timeline", { path, signal }));
      return found === null ? [] : wire.intervals(found);
    },
    staleTime: running ? 0 : FOREVER,
  });

export const transcriptQuery = (id: string, running: boolean) =>
  queryOptions({
    queryKey: ["transcript", id, running],
    queryFn: async ({ signal }) => {
      const init = { path: { session_id: id }, query: { words: false, partial: running || undefined }, signal };
      const found = await orNull(api.get("/v1/all-day-sessions/{session_id}/transcript", init));
      return found === null ? null : wire.transcript(found);
    },
    staleTime: running ? 0 : FOREVER,
    refetchInterval: running ? LIVE_POLL_MS : false,
  });

/** The words of a part of the day with their times. */
export async function wordsBetween(id: string, start: number, end: number) {
  const init = { path: { session_id: id }, query: { start, end } };
  return wire.transcript(await api.get("/v1/all-day-sessions/{session_id}/transcript", init)).words;
}

export const waveformQuery = (id: string, start: number | null, end: number | null, points: number) =>
  queryOptions({
    queryKey: ["waveform", id, start, end, points],
    queryFn: async ({ signal }): Promise<Waveform | null> => {
      const range = start === null || end === null ? {} : { start: round(start), end: round(end) };
      const init = { path: { session_id: id }, query: { points, ...range }, signal };
      const body = await orNull(api.get("/v1/all-day-sessions/{session_id}/waveform", init));
      return body && { pointSeconds: body.point_seconds, start: body.start_seconds, peaks: body.peaks };
    },
    staleTime: FOREVER,
  });

const round = (seconds: number): number => Math.round(seconds * 10) / 10;

/** Analyses of one day, without their texts. */
export const analysesOfDayQuery = (id: string, revision: number) =>
  queryOptions({
    queryKey: ["analyses", id, revision],
    queryFn: async ({ signal }) => {
      const page = await api.get("/v1/analyses", { signal, query: { parent_session_id: id, limit: 100 } });
      return page.data.map(wire.analysisRow);
    },
    refetchInterval: (query) =>
      query.state.data?.some((row) => row.status === "queued" || row.status === "processing") ? RUNNING_POLL_MS : false,
  });

export const analysisQuery = (id: string) =>
  queryOptions({
    queryKey: ["analysis", id],
    queryFn: async ({ signal }) =>
      wire.analysis(await api.get("/v1/analyses/{analysis_id}", { path: { analysis_id: id }, signal })),
    refetchInterval: (query) =>
      query.state.data && (query.state.data.status === "queued" || query.state.data.status === "processing")
        ? RUNNING_POLL_MS
        : false,
  });

export const notesQuery = (id: string) =>
  queryOptions({
    queryKey: ["notes", id],
    queryFn: async ({ signal }) => {
      const path = { session_id: id };
      return (await api.get("/v1/all-day-sessions/{session_id}/notes", { path, signal })).data.map(wire.note);
    },
  });

export const revisionsQuery = (id: string, revision: number) =>
  queryOptions({
    queryKey: ["revisions", id, revision],
    queryFn: async ({ signal }) => {
      const path = { session_id: id };
      const page = await api.get("/v1/all-day-sessions/{session_id}/revisions", { path, signal });
      return page.data.map((row) => ({
        number: row.number,
        author: row.author,
        createdAt: row.created_at,
        segments: row.segments.map(wire.segment),
      }));
    },
  });

interface ReadOptions<Body> {
  enabled?: boolean;
  /** Read again whenever it is shown, however short ago it was read. */
  isFresh?: boolean;
  /** Ask again every few seconds while this is so. */
  isMoving?: (answer: Body) => boolean;
}

/** Read something that needs no conversion. `key` is what later invalidates it. */
export function useRead<P extends PathOf<"get">>(
  key: string,
  path: P,
  init: Init<P, "get">,
  { enabled = true, isFresh = false, isMoving }: ReadOptions<Answer<P, "get">> = {},
) {
  return useQuery({
    queryKey: [key, path, init],
    queryFn: ({ signal }) => (api.get as Loose<P>)(path, { ...init, signal }),
    enabled,
    refetchOnMount: isFresh ? "always" : true,
    refetchInterval: (now) => (now.state.data !== undefined && isMoving?.(now.state.data) ? RUNNING_POLL_MS : false),
  });
}

/** `api.get` for a path that is a type parameter, whose conditional arguments the compiler cannot resolve. */
type Loose<P extends PathOf<"get">> = (path: P, init: Init<P, "get">) => Promise<Answer<P, "get">>;

export const useOrgs = () => useRead("orgs", "/v1/orgs", { query: { limit: 100 } });

export const useReps = (org: string) =>
  useRead("reps", "/v1/orgs/{org_id}/reps", { path: { org_id: org }, query: { limit: 100 } }, { enabled: org !== "" });

export const usePlaybooks = (org: string) =>
  useRead(
    "playbooks",
    "/v1/orgs/{org_id}/playbooks",
    { path: { org_id: org }, query: { limit: 100 } },
    { enabled: org !== "" },
  );
