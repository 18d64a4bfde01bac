import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import {
  analysesOfDayQuery,
  dayQuery,
  isRunning,
  notesQuery,
  revisionsQuery,
  timelineQuery,
  transcriptQuery,
} from "../api/queries";
import type { Day, Interval, Segment, Transcript } from "../api/types";
import { useZone } from "../api/zone";
import { player } from "../player/store";
import { Minimap } from "../timeline/Minimap";
import { formatView, kept, parseView, reveal, type Span, type View, viewOf } from "../timeline/model";
import { Timeline } from "../timeline/Timeline";
import { Problem, Skeleton, toast, useTitle } from "../ui/parts";
import { w } from "../words";
import { Clock, parseOffset } from "../words/format";
import { Cards } from "./Cards";
import { Contents } from "./Contents";
import { useDayKeys } from "./dayKeys";
import { digestOf } from "./digest";
import { EditBar } from "./edit/Bar";
import { Handles } from "./edit/Handles";
import { EditPanel } from "./edit/Panel";
import { type Draft, useDraft } from "./edit/useDraft";
import { Header } from "./Header";
import { useLive } from "./live";
import { Notes } from "./Notes";
import { DayStates } from "./States";
import { Toolbar } from "./Toolbar";
import { TranscriptPanel } from "./Transcript";
import { titleOf } from "./title";
import { useTower } from "./useTower";
import "./day.css";

const NO_INTERVALS: Interval[] = [];
const NO_TRANSCRIPT: Transcript = { utterances: [], words: [], covered: null };

export function DayPage() {
  const { id } = useParams({ from: "/days/$id" });
  const day = useQuery(dayQuery(id));
  if (day.error && !day.data) {
    return (
      <div className="page">
        <Problem isPage error={day.error} onRetry={() => void day.refetch()} />
      </div>
    );
  }
  if (!day.data) {
    return (
      <div className="page">
        <Skeleton height={120} count={3} />
      </div>
    );
  }
  return <LoadedDay key={id} day={day.data} />;
}

function LoadedDay({ day }: { day: Day }) {
  const zone = useZone(day.org);
  const title = titleOf(day, zone);
  useTitle(title);
  const search = useSearch({ from: "/days/$id" });
  const running = isRunning(day.status);
  useLive(day.id, running);
  const timeline = useQuery(timelineQuery(day.id, day.revision, running));
  const transcript = useQuery(transcriptQuery(day.id, running));
  const analyses = useQuery({ ...analysesOfDayQuery(day.id, day.revision), enabled: day.segments.length > 0 });
  const notes = useQuery({ ...notesQuery(day.id), enabled: !running });
  const intervals = timeline.data ?? NO_INTERVALS;
  const words = transcript.data ?? NO_TRANSCRIPT;
  const duration = Math.max(day.duration ?? 0, intervals[intervals.length - 1]?.end ?? 0, 1);
  const clock = useMemo(() => new Clock(day.recordedAt, zone), [day.recordedAt, zone]);
  const [view, setView] = useState<View>(() => parseView(search.z, duration) ?? { start: 0, end: duration });
  const [selection, setSelection] = useState<Span | null>(null);
  const [tab, setTab] = useState<"conversations" | "transcript">("conversations");
  const [follow, setFollow] = useState(true);
  const draft = useDraft(day, intervals, duration);
  const segments = draft.state?.segments ?? day.segments;
  const shown = draft.state?.intervals ?? intervals;
  const [selectedId, setSelectedId] = useSelected(day, search.seg);
  const { tower, query: waveform } = useTower(day.id, view, duration, !running || day.status !== "queued");
  // What could not be read is said once; without this, a missing part would look like an empty one.
  const unread = [timeline, transcript, analyses, notes, waveform].filter((part) => part.error);
  const scores = useMemo(() => new Map((analyses.data ?? []).map((row) => [row.id, row.overall])), [analyses.data]);
  const scoreOf = useCallback(
    (part: Segment) => (part.analysisId ? (scores.get(part.analysisId) ?? null) : null),
    [scores],
  );
  useKeptView(setView, duration, running);
  useOpenInPlayer(day, title, duration, search.t);
  const marks = useMemo(() => (notes.data ?? []).map((note) => note.at), [notes.data]);
  const select = useCallback((part: Segment) => setSelectedId(part.id), [setSelectedId]);
  const seek = useCallback((seconds: number) => player.seek(seconds), []);
  const go = useCallback(
    (part: { start: number; end: number }) => {
      player.seek(part.start);
      setView((now) => reveal(now, duration, part.start));
    },
    [duration],
  );
  useAddress({ view, duration, selectedId });
  useFollowingView(setView, duration, follow);
  const navigate = useNavigate();
  const isReading = search.view === "reading";
  const setReading = (on: boolean) =>
    void navigate({
      to: ".",
      search: (now: Record<string, unknown>) => ({ ...now, view: on ? "reading" : undefined }),
    });
  useDayKeys({
    day,
    clock,
    duration,
    view,
    setView,
    selection,
    setSelection,
    segments,
    intervals: shown,
    select,
    go,
    draft,
    follow,
    setFollow,
    toggleReading: () => setReading(!isReading),
    selectedId,
  });
  const digest = useMemo(() => digestOf(day.rollup?.summary ?? "", day.segments), [day.rollup, day.segments]);
  const isBare = day.status === "failed" && day.duration === null;
  const hasTimeline = intervals.length > 0 || day.duration !== null;
  const transcriptPanel = (
    <TranscriptPanel
      dayId={day.id}
      transcript={words}
      isLoading={transcript.isPending}
      nothing={
        transcript.error ? null : running ? w.day.noTranscriptYet : transcript.data ? w.day.noWords : w.day.noTranscript
      }
      intervals={shown}
      segments={segments}
      clock={clock}
      names={day.speakerNames}
      follow={follow}
      onFollow={setFollow}
      target={search.t ? parseOffset(search.t) : null}
    />
  );
  return (
    <div className={draft.isOpen ? "day editing" : "day"}>
      <Header
        day={day}
        clock={clock}
        zone={zone}
        duration={duration}
        digest={digest}
        transcript={words}
        scoreOf={scoreOf}
        draft={draft}
        isReading={isReading}
        onReading={setReading}
      />
      <DayStates day={day} hasTimeline={hasTimeline} utterances={words.utterances}>
        {unread[0]?.error && (
          <Problem
            title={w.day.partUnread}
            error={unread[0].error}
            onRetry={() => {
              for (const part of unread) void part.refetch();
            }}
          />
        )}
      </DayStates>
      {isReading && !isBare && (
        <div className="reading-columns">
          <Contents segments={segments} clock={clock} />
          {transcriptPanel}
        </div>
      )}
      {hasTimeline && !isReading && (
        <section className="day-timeline" aria-label={w.day.timeline}>
          <Minimap duration={duration} view={view} intervals={shown} onView={setView} />
          <Timeline
            duration={duration}
            view={view}
            onView={setView}
            clock={clock}
            tower={tower}
            hasWaveform={waveform.isPending || Boolean(waveform.error) || tower !== null}
            intervals={shown}
            segments={segments}
            utterances={words.utterances}
            minConfidence={day.minConfidence}
            marks={marks}
            selection={selection}
            onSelection={setSelection}
            selectedId={selectedId}
            covered={running ? words.covered : null}
            onSelect={select}
            onSeek={seek}
            scoreOf={scoreOf}
          >
            {draft.isOpen
              ? (place) => <Handles {...place} draft={draft} selectedId={selectedId} spoken={words.utterances} />
              : undefined}
          </Timeline>
          <Toolbar
            view={view}
            onView={setView}
            duration={duration}
            clock={clock}
            selection={selection}
            onSelection={setSelection}
            day={day}
            draft={draft}
          />
          {draft.isOpen && (
            <EditPanel draft={draft} selectedId={selectedId} selection={selection} clock={clock} onSelect={select} />
          )}
        </section>
      )}
      {!isBare && !isReading && (
        <div className="day-tabs tabs" role="tablist" aria-label={title}>
          {(["conversations", "transcript"] as const).map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={tab === name}
              aria-controls={`panel-${name}`}
              onClick={() => setTab(name)}
            >
              {w.day[name]}
            </button>
          ))}
        </div>
      )}
      {!isBare && !isReading && (
        <div className="day-columns" data-tab={tab}>
          {transcriptPanel}
          <div className="day-cards" id="panel-conversations">
            <Cards
              day={day}
              segments={segments}
              intervals={shown}
              analyses={analyses.data ?? []}
              digest={digest}
              clock={clock}
              duration={duration}
              selectedId={selectedId}
              onSelect={(part) => {
                select(part);
                setView((now) => reveal(now, duration, part.start));
              }}
              onShow={(part) => setView(viewOf(part, duration))}
              draft={draft}
            />
            {!running && !notes.error && <Notes day={day} notes={notes.data ?? []} clock={clock} segments={segments} />}
          </div>
        </div>
      )}
      {draft.isOpen && <EditBar draft={draft} />}
    </div>
  );
}

/** Keep the view within the day; a day that is worked on is always shown whole. */
function useKeptView(setView: (change: (now: View) => View) => void, duration: number, running: boolean) {
  const before = useRef(duration);
  useEffect(() => {
    const previous = before.current;
    before.current = duration;
    setView((now) => (running ? { start: 0, end: duration } : kept(now, previous, duration)));
  }, [duration, running, setView]);
}

/** The chosen conversation. An id from before a correction leads to the one that holds its time now. */
function useSelected(day: Day, wanted: string | undefined) {
  const [selected, setSelected] = useState<string | null>(wanted ?? null);
  const isRetired = wanted !== undefined && selected === wanted && !day.segments.some((part) => part.id === wanted);
  const revisions = useQuery({ ...revisionsQuery(day.id, day.revision), enabled: isRetired && day.revision > 0 });
  useEffect(() => {
    if (!isRetired || !revisions.data) return;
    const before = revisions.data.flatMap((row) => row.segments).find((part) => part.id === wanted);
    const overlap = (part: Segment) =>
      before ? Math.min(part.end, before.end) - Math.max(part.start, before.start) : 0;
    const best = [...day.segments].sort((a, b) => overlap(b) - overlap(a))[0];
    if (best && overlap(best) > 0) {
      setSelected(best.id);
      toast(w.day.retired);
    }
  }, [isRetired, revisions.data, day.segments, wanted]);
  return [selected, setSelected] as const;
}

function useOpenInPlayer(day: Day, title: string, duration: number, t: string | undefined): void {
  const isMock = day.sourceName?.startsWith("mock:") ?? false;
  useEffect(() => {
    if (day.duration === null) player.close();
    else player.open({ id: day.id, title, duration, audio: day.audio, isMock });
  }, [day, title, duration, isMock]);
  const wanted = useRef<string | undefined>(undefined);
  useEffect(() => {
    const at = t ? parseOffset(t) : null;
    if (at === null || wanted.current === t) return;
    wanted.current = t;
    player.seek(at);
  }, [t]);
}

/** Keep view and choice in the address, replaced and not pushed: back leads to the view before this page. */
function useAddress({ view, duration, selectedId }: { view: View; duration: number; selectedId: string | null }): void {
  const navigate = useNavigate();
  useEffect(() => {
    const timer = setTimeout(() => {
      void navigate({
        to: ".",
        search: (now: Record<string, unknown>) => ({
          ...now,
          z: formatView(view, duration),
          seg: selectedId ?? undefined,
        }),
        replace: true,
        resetScroll: false,
      });
    }, 400);
    return () => clearTimeout(timer);
  }, [navigate, view, duration, selectedId]);
}

/** While playing with "follow", the timeline turns its page when the playhead leaves it. */
function useFollowingView(setView: (change: (view: View) => View) => void, duration: number, follow: boolean): void {
  useEffect(() => {
    if (!follow) return;
    return player.onMove((seconds) => {
      if (player.get().playing) setView((now) => reveal(now, duration, seconds));
    });
  }, [setView, duration, follow]);
}

export type { Draft };
