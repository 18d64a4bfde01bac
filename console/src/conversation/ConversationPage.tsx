import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useMay } from "../api/may";
import { analysisQuery, dayQuery } from "../api/queries";
import type { Analysis, Day, Segment } from "../api/types";
import { useZone } from "../api/zone";
import { copyMoment } from "../day/dayKeys";
import { dateOf, titleOf } from "../day/title";
import { player } from "../player/store";
import { useKeys } from "../ui/keys";
import { Empty, Problem, Skeleton, useTitle } from "../ui/parts";
import { Timed } from "../ui/Timed";
import { w } from "../words";
import { Clock, duration, offset, parseOffset, sureness } from "../words/format";
import { Again } from "./Again";
import { Facts } from "./Facts";
import { Findings } from "./Findings";
import { Pillars } from "./Pillars";
import { PlainTranscript } from "./PlainTranscript";
import "./conversation.css";

const ShareDialog = lazy(async () => ({ default: (await import("../share/ShareDialog")).ShareDialog }));

export function ConversationPage() {
  const { id, seg } = useParams({ from: "/days/$id/conversations/$seg" });
  const search = useSearch({ from: "/days/$id/conversations/$seg" });
  const day = useQuery(dayQuery(id));
  const segment = day.data?.segments.find((part) => part.id === seg);
  const analysisId = search.analysis ?? segment?.analysisId ?? null;
  const analysis = useQuery({ ...analysisQuery(analysisId ?? ""), enabled: analysisId !== null });
  const navigate = useNavigate();
  // An id from before a correction: the day's page knows which conversation holds its time now.
  const isRetired = day.data !== undefined && !segment && day.data.revision > 0;
  useEffect(() => {
    if (isRetired) void navigate({ to: "/days/$id", params: { id }, search: { seg }, replace: true });
  }, [isRetired, id, seg, navigate]);
  const error = day.error ?? analysis.error;
  if (error) {
    return (
      <div className="page">
        <Problem isPage error={error} onRetry={() => void (day.error ? day : analysis).refetch()} />
      </div>
    );
  }
  if (!day.data || (analysisId !== null && !analysis.data)) {
    return (
      <div className="page">
        <Skeleton height={140} count={4} />
      </div>
    );
  }
  if (!segment) {
    return (
      <div className="page">
        <Empty title={w.app.notFound} isPage>
          <Link to="/days/$id" params={{ id }} search={{}}>
            {w.conversation.back}
          </Link>
        </Empty>
      </div>
    );
  }
  return <Conversation key={seg} day={day.data} segment={segment} analysis={analysis.data ?? null} t={search.t} />;
}

function Conversation({
  day,
  segment,
  analysis,
  t,
}: {
  day: Day;
  segment: Segment;
  analysis: Analysis | null;
  t: string | undefined;
}) {
  const name = segment.title ?? w.day.untitled(segment.index + 1);
  useTitle(name);
  const zone = useZone(day.org);
  const clock = useMemo(() => new Clock(day.recordedAt, zone), [day.recordedAt, zone]);
  const navigate = useNavigate();
  const may = useMay();
  const [isSharing, setSharing] = useState(false);
  const result = analysis?.result ?? null;
  const total = day.duration ?? segment.end;
  useEffect(() => {
    const isMock = day.sourceName?.startsWith("mock:") ?? false;
    player.open({ id: day.id, title: titleOf(day, zone), duration: total, audio: day.audio, isMock });
    const at = t ? parseOffset(t) : null;
    if (at !== null) player.seek(at);
    else if (player.position < segment.start || player.position > segment.end) {
      if (!player.get().playing) player.seek(segment.start);
    }
  }, [day, zone, total, segment.start, segment.end, t]);
  const place = { clock, from: segment.start, to: segment.end };
  const other = (by: number) => {
    const next = day.segments[segment.index + by];
    if (next) void navigate({ to: "/days/$id/conversations/$seg", params: { id: day.id, seg: next.id }, search: {} });
  };
  useKeys([
    { keys: ["["], group: "move", text: w.conversation.previous, run: () => other(-1) },
    { keys: ["]"], group: "move", text: w.conversation.next, run: () => other(1) },
    { keys: ["y"], group: "move", text: w.day.copyLink, run: () => void copyMoment(day, clock) },
    {
      keys: ["Escape"],
      group: "move",
      text: w.conversation.back,
      run: () => void navigate({ to: "/days/$id", params: { id: day.id }, search: { seg: segment.id } }),
    },
  ]);
  return (
    <article className="page conversation">
      <header className="stack">
        <div className="row spread wrap crumbs no-print">
          <p className="small">
            <Link to="/days/$id" params={{ id: day.id }} search={{ seg: segment.id }}>
              {w.conversation.back}
            </Link>
          </p>
          <div className="row">
            <span className="small second num">{w.conversation.place(segment.index + 1, day.segments.length)}</span>
            <button
              type="button"
              className="button icon"
              disabled={segment.index === 0}
              onClick={() => other(-1)}
              aria-label={w.conversation.previous}
              title={`${w.conversation.previous} ([)`}
            >
              <span aria-hidden="true">‹</span>
            </button>
            <button
              type="button"
              className="button icon"
              disabled={segment.index === day.segments.length - 1}
              onClick={() => other(1)}
              aria-label={w.conversation.next}
              title={`${w.conversation.next} (])`}
            >
              <span aria-hidden="true">›</span>
            </button>
          </div>
        </div>
        <div className="row spread wrap conversation-head">
          <div>
            <h1 dir="auto">{name}</h1>
            <p className="facts num">
              <span>{day.rep}</span>
              <span>{dateOf(day, zone)}</span>
              <span>
                {clock.short(segment.start)}–{clock.short(segment.end)}{" "}
                {clock.isWallClock && ` (${offset(segment.start)})`}
              </span>
              <span>{duration(segment.end - segment.start)}</span>
              <span>{segment.confidence === null ? w.day.byHand : w.day.sure(sureness(segment.confidence))}</span>
              {result?.outcome && <span className="badge outcome">{w.outcomes[result.outcome] ?? result.outcome}</span>}
            </p>
          </div>
          <div className="row wrap no-print">
            <button type="button" className="button primary" onClick={() => void player.play(segment.start)}>
              <span aria-hidden="true">▶</span> {w.player.play}
            </button>
            <button type="button" className="button" onClick={() => void copyMoment(day, clock)} title="Y">
              {w.day.copyLink}
            </button>
            {may.share && (
              <button type="button" className="button" onClick={() => setSharing(true)}>
                {w.share.button}
              </button>
            )}
            <button type="button" className="button" onClick={() => window.print()}>
              {w.day.print}
            </button>
          </div>
        </div>
      </header>
      <Suspense fallback={null}>
        {isSharing && <ShareDialog day={day} segment={segment} onClose={() => setSharing(false)} />}
      </Suspense>
      {day.isDemoQuality && <div className="banner warn">{w.day.demo}</div>}
      {!analysis && <Empty title={w.conversation.none} />}
      {analysis?.status === "failed" && (
        <div className="banner bad">{analysis.error?.message ?? w.day.analysisFailed}</div>
      )}
      {analysis && !result && analysis.status !== "failed" && <p role="status">{w.day.analysing}</p>}
      {result && (
        <div className="conversation-columns">
          <div className="stack loose conversation-said">
            {result.summary && (
              <section className="stack">
                <h2>{w.conversation.summary}</h2>
                <p dir="auto" className="prose">
                  <Timed text={result.summary} {...place} />
                </p>
              </section>
            )}
            <Findings result={result} clock={clock} duration={total} span={segment} />
          </div>
          <div className="stack loose conversation-scores">
            <Pillars result={result} clock={clock} duration={total} span={segment} />
          </div>
          <div className="stack loose conversation-facts">
            <Facts result={result} hasVoices={day.voices !== 0 || result.talkRatio !== null} />
            <p className="small second">
              {result.analyst && w.conversation.method(result.analyst)}
              {result.limits ? ` (${result.limits})` : result.method === "rubric" && ` (${w.conversation.rubric})`}
              {result.unverifiedClaims > 0 && ` · ${w.conversation.unverified(result.unverifiedClaims)}`}
            </p>
          </div>
        </div>
      )}
      {analysis?.transcript && (
        <PlainTranscript transcript={analysis.transcript} clock={clock} names={day.speakerNames} />
      )}
      <Again day={day} segment={segment} shownId={analysis?.id ?? null} />
    </article>
  );
}
