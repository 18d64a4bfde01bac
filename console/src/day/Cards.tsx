import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { useMay } from "../api/may";
import { isRunning } from "../api/queries";
import { api } from "../api/typed";
import type { AnalysisRow, Day, Interval, Label, Reason, Segment } from "../api/types";
import { PlayButton } from "../player/PlayButton";
import { player } from "../player/store";
import { spanAt } from "../timeline/model";
import { toast } from "../ui/parts";
import { w } from "../words";
import { type Clock, duration as spell, sureness } from "../words/format";
import type { Digest } from "./digest";
import type { Draft } from "./edit/useDraft";
import { withNames } from "./speakers";

/** The conversations in the order of the day, and between them what else was heard. */
export function Cards(props: {
  day: Day;
  segments: readonly Segment[];
  intervals: readonly Interval[];
  analyses: readonly AnalysisRow[];
  digest: Digest;
  clock: Clock;
  duration: number;
  selectedId: string | null;
  onSelect: (part: Segment) => void;
  onShow: (part: Segment) => void;
  draft: Draft;
}) {
  const { segments, intervals, clock, duration } = props;
  const box = useRef<HTMLElement>(null);
  // The list follows from conversation to conversation, as the transcript follows from line to line.
  useEffect(() => {
    let last = -1;
    return player.onMove((seconds) => {
      const now = spanAt(segments, seconds);
      if (now === last) return;
      last = now;
      if (now >= 0) scrollInside(box.current?.querySelectorAll<HTMLElement>(".card")[now] ?? null);
    });
  }, [segments]);
  const gaps = segments.map((part, index) => ({ start: segments[index - 1]?.end ?? 0, end: part.start }));
  const last = { start: segments[segments.length - 1]?.end ?? 0, end: duration };
  return (
    <section aria-label={w.day.conversations} ref={box}>
      <h2 className="cards-title">{w.day.conversations}</h2>
      <ol className="cards">
        {segments.map((part, index) => (
          <li key={part.id}>
            <Between span={gaps[index]!} intervals={intervals} clock={clock} />
            <Card {...props} part={part} row={props.analyses.find((entry) => entry.id === part.analysisId) ?? null} />
          </li>
        ))}
        {segments.length === 0 && isRunning(props.day.status) && <li className="second">{w.day.conversationsLater}</li>}
        <li>
          <Between span={last} intervals={intervals} clock={clock} open={segments.length === 0} />
        </li>
      </ol>
    </section>
  );
}

function Card(props: Parameters<typeof Cards>[0] & { part: Segment; row: AnalysisRow | null }) {
  const { part, day, clock, row } = props;
  const may = useMay();
  const isSelected = part.id === props.selectedId;
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isSelected) scrollInside(ref.current);
  }, [isSelected]);
  const name = part.title ?? w.day.untitled(part.index + 1);
  const isBelow = part.status === "below_threshold";
  const isDraftOnly = "isTouched" in part && (part as { isTouched: boolean }).isTouched;
  return (
    <article
      ref={ref}
      className={isSelected ? "card selected" : "card"}
      data-below={isBelow || undefined}
      aria-label={`${w.day.item(part.index + 1, props.segments.length)}: ${name}`}
    >
      <div className="row spread">
        <h3 dir="auto">
          <button type="button" className="card-title" aria-pressed={isSelected} onClick={() => props.onSelect(part)}>
            {part.index + 1}. {name}
          </button>
        </h3>
        {!isDraftOnly && <Score part={part} row={row} />}
      </div>
      <p className="small second num">
        {clock.short(part.start)}–{clock.short(part.end)} · {spell(part.end - part.start)} ·{" "}
        <Confidence part={part} limit={day.minConfidence} />
      </p>
      {!isDraftOnly && props.digest.parts.has(part.id) && (
        <p className="small" dir="auto">
          {props.digest.parts.get(part.id)}
        </p>
      )}
      {isBelow && !isDraftOnly && may.correct && part.confidence !== null && <Below {...props} />}
      {part.status === "failed" && <p className="small bad-text">{row?.error?.message ?? w.day.analysisFailed}</p>}
      <div className="row wrap card-actions no-print">
        <button
          type="button"
          className="button small"
          onClick={() => {
            props.onSelect(part);
            void player.play(part.start);
          }}
        >
          <span aria-hidden="true">▶</span> {w.player.play}
          <span className="sr"> {name}</span>
        </button>
        <button type="button" className="button small quiet wide-only" onClick={() => props.onShow(part)}>
          {w.day.showInTimeline}
        </button>
        {part.analysisId && !isDraftOnly && (
          <Link
            className="button small card-open"
            to="/days/$id/conversations/$seg"
            params={{ id: day.id, seg: part.id }}
            search={{}}
            aria-label={`${w.day.openConversation}: ${name}`}
          >
            {w.day.openConversation}
          </Link>
        )}
      </div>
      <Reasons reasons={part.reasons} clock={clock} names={day.speakerNames} />
    </article>
  );
}

/** Bring a card into view inside its own scroll box; the page stays where it is. */
function scrollInside(card: HTMLElement | null): void {
  const box = card?.closest<HTMLElement>(".day-cards");
  if (!card || !box || box.scrollHeight <= box.clientHeight) return;
  const outer = box.getBoundingClientRect();
  const inner = card.getBoundingClientRect();
  if (inner.top < outer.top) box.scrollTop += inner.top - outer.top - 8;
  else if (inner.bottom > outer.bottom)
    box.scrollTop += Math.min(inner.bottom - outer.bottom + 8, inner.top - outer.top - 8);
}

function Score({ part, row }: { part: Segment; row: AnalysisRow | null }) {
  if (part.status === "analyzing" || row?.status === "queued" || row?.status === "processing") {
    return <span className="badge">{w.day.analysing}</span>;
  }
  const score = row?.overall ?? null;
  if (score === null) return null;
  return (
    <span className="score num" role="img" aria-label={w.day.score(score)}>
      {score}
    </span>
  );
}

/** "sure 97 %" from the threshold on, "check 62 %" below it; a bar of the same length beside it. */
export function Confidence({ part, limit }: { part: Segment; limit: number }) {
  if (part.confidence === null) return <span>✎ {w.day.byHand}</span>;
  const text = sureness(part.confidence);
  return (
    <span className="confidence">
      {part.confidence >= limit ? w.day.sure(text) : w.day.check(text)}
      <span className="meter" aria-hidden="true">
        <span style={{ inlineSize: `${part.confidence * 100}%` }} />
      </span>
    </span>
  );
}

function Below({ part, day, draft }: { part: Segment; day: Day; draft: Draft }) {
  const client = useQueryClient();
  const analyse = async () => {
    try {
      await api.post("/v1/all-day-sessions/{session_id}/segments/{segment_id}/analyze", {
        path: { session_id: day.id, segment_id: part.id },
        body: {},
      });
      await client.invalidateQueries({ queryKey: ["day", day.id] });
      await client.invalidateQueries({ queryKey: ["analyses", day.id] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message);
    }
  };
  return (
    <div className="below stack">
      <p className="small">{w.day.below(part.confidence!.toFixed(2), day.minConfidence.toFixed(2))}</p>
      <div className="row wrap">
        <button type="button" className="button" onClick={() => void analyse()}>
          {w.day.analyseAnyway}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            draft.open();
            draft.remove(part.id);
          }}
        >
          {w.day.notCustomer}
        </button>
      </div>
    </div>
  );
}

function Reasons(props: { reasons: readonly Reason[]; clock: Clock; names: Day["speakerNames"] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="why" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{w.day.why}</summary>
      {isOpen && <Why {...props} />}
    </details>
  );
}

/** Reasons in groups, the heaviest first, each with its second to hear. */
export function Why({
  reasons,
  clock,
  names,
}: {
  reasons: readonly Reason[];
  clock: Clock;
  names: Day["speakerNames"];
}) {
  if (reasons.length === 0) return <p className="small second">{w.day.noReasons}</p>;
  const groupOf = (reason: Reason) => (reason.about === "start" || reason.about === "end" ? reason.about : "kind");
  return (
    <div className="stack">
      {(["kind", "start", "end"] as const).map((group) => {
        const rows = reasons
          // Who gave the title is no reason for the conversation.
          .filter((reason) => reason.about !== "title" && groupOf(reason) === group)
          .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
        if (rows.length === 0) return null;
        return (
          <div key={group}>
            <h4 className="tiny second">{w.day.groups[group]}</h4>
            <ul className="reasons">
              {rows.map((reason) => (
                <li key={`${reason.text} ${reason.at}`}>
                  <PlayButton
                    at={reason.at}
                    clock={clock}
                    about={`${reason.text}, ${clock.long(reason.at)}`}
                    leadSeconds={1}
                  />
                  <span className="small">{withNames(reason.text, names)}</span>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </div>
  );
}

/** What was heard between two conversations: one line, and the stretches with their reasons when opened. */
function Between(props: {
  span: { start: number; end: number };
  intervals: readonly Interval[];
  clock: Clock;
  open?: boolean;
}) {
  const [isOpen, setOpen] = useState(props.open ?? false);
  const { span, intervals, clock } = props;
  if (span.end - span.start < 1) return null;
  const parts = intervals.filter(
    (part) => part.label !== "customer" && part.end > span.start + 0.01 && part.start < span.end - 0.01,
  );
  const totals = new Map<Label, number>();
  for (const part of parts) totals.set(part.label, (totals.get(part.label) ?? 0) + part.end - part.start);
  const words = [...totals]
    .sort((a, b) => b[1] - a[1])
    .map(([label, seconds]) => `${w.labels[label]} ${spell(seconds)}`)
    .join(", ");
  if (!words) return null;
  return (
    <details className="between small" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="second">{words}</summary>
      {isOpen && (
        <ul className="reasons">
          {parts.map((part) => (
            <li key={part.start}>
              <PlayButton
                at={part.start}
                clock={clock}
                about={`${w.longLabels[part.label]}, ${clock.long(part.start)}`}
                isShort
              />
              <span>
                <span className="kind-dot" data-label={part.label} aria-hidden="true" /> {w.longLabels[part.label]},{" "}
                {spell(part.end - part.start)}
                {part.reasons[0] && (
                  <span className="second"> · {part.reasons.map((reason) => reason.text).join("; ")}</span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
