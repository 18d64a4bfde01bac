/** Answers of the API, made into what the console works with (`types.ts`). */

import type { Schema } from "./typed";
import {
  type Analysis,
  type AnalysisRow,
  type AudioState,
  type Day,
  type DayRow,
  type Evidence,
  type Failure,
  type Interval,
  LABELS,
  type Label,
  type Note,
  PILLARS,
  type Pillar,
  type Progress,
  type Reason,
  type Result,
  type Rollup,
  type Segment,
  type Transcript,
} from "./types";

type Json = Schema<"Json">;
type JsonObject = { [name: string]: Json };

// Free-form parts (`usage`, `rollup`) have no fields in the document: they are read with care.
const object = (value: Json | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
const text = (value: Json | undefined): string | null => (typeof value === "string" && value !== "" ? value : null);
const number = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);

function labelOf(value: string | number | undefined): Label {
  return LABELS.find((label) => label === value) ?? "other_speech";
}

function failure(value: Schema<"SessionShown">["error"]): Failure | null {
  return value && { code: value.code, message: value.message, details: value.details };
}

function reason(value: Schema<"SegmentShown">["reasons"][number]): Reason {
  return { about: value.about, text: value.text, at: value.at_seconds, weight: value.weight };
}

export function segment(value: Schema<"SegmentShown">): Segment {
  return {
    id: value.id,
    index: value.index,
    start: value.start_seconds,
    end: value.end_seconds,
    confidence: value.confidence,
    title: value.title,
    status: value.status,
    analysisId: value.analysis_id,
    reasons: value.reasons.map(reason),
    revision: value.revision,
  };
}

export function intervals(value: Schema<"TimelineShown">): Interval[] {
  return value.stretches.map((part) => ({
    start: part.start_seconds,
    end: part.end_seconds,
    label: part.label,
    reasons: part.reasons.map(reason),
  }));
}

function audioState(value: Schema<"AudioShown">): AudioState {
  return {
    playable: value.playable,
    reason: value.reason,
    source: value.source,
    container: value.container,
    seek: value.seek,
    hasSeekTable: value.has_seek_table,
    browser: value.browser,
  };
}

export function progress(value: Schema<"Progress">): Progress {
  return {
    stage: value.stage,
    percent: value.percent,
    transcribedSeconds: value.transcribed_seconds,
    spansDone: value.spans_done,
    spansTotal: value.spans_total,
    etaSeconds: value.eta_seconds,
  };
}

function rollup(value: JsonObject | null): Rollup | null {
  if (value === null) return null;
  const entries = (part: Json | undefined) =>
    Object.entries(object(part)).map(([name, entry]) => [name, number(entry)] as const);
  return {
    conversations: number(value.conversations) ?? 0,
    analyzed: number(value.analyzed) ?? 0,
    customerTalkSeconds: number(value.customer_talk_seconds) ?? 0,
    averageScores: Object.fromEntries(entries(value.average_scores)),
    outcomes: Object.fromEntries(entries(value.outcomes).map(([name, count]) => [name, count ?? 0])),
    summary: text(value.summary) ?? "",
  };
}

/** Runs of [label, seconds] become places from 0 to the end. */
function strip(runs: (string | number)[][] | null): DayRow["strip"] {
  let at = 0;
  return (runs ?? []).map(([label, seconds]) => {
    const start = at;
    at += Number(seconds);
    return { start, end: at, label: labelOf(label) };
  });
}

/** What the list's row and the whole session have in common. */
function common(value: Schema<"SessionSummary"> | Schema<"SessionShown">) {
  return {
    id: value.id,
    status: value.status,
    createdAt: value.created_at,
    recordedAt: value.recorded_at,
    recordedAtFrom: value.recorded_at_source,
    org: value.org_id,
    rep: value.rep_id,
    duration: value.duration_seconds,
    revision: value.revision,
    visits: value.segments_detected,
    belowThreshold: value.segments_below_threshold,
    failedAnalyses: value.segments_failed,
    scored: value.segments_analyzed,
    audio: audioState(value.audio),
    progress: progress(value.progress),
    error: failure(value.error),
  };
}

/** One row of the list, from the summary view. */
export function dayRow(value: Schema<"SessionSummary">): DayRow {
  return {
    ...common(value),
    customerSeconds: value.customer_seconds,
    meanScore: value.overall_score,
    isDemoQuality: value.is_demo_quality,
    strip: strip(value.strip),
  };
}

/** A session in full. */
export function day(value: Schema<"SessionShown">): Day {
  const { usage } = value;
  const speakers = object(usage.speakers);
  const summary = rollup(value.rollup);
  const segments = value.segments.map(segment);
  return {
    ...common(value),
    customerSeconds:
      summary?.customerTalkSeconds ??
      (segments.length > 0 ? segments.reduce((sum, part) => sum + part.end - part.start, 0) : null),
    meanScore: summary?.averageScores.overall_score ?? null,
    isDemoQuality: usage.is_demo_quality === true,
    segments,
    rollup: summary,
    minConfidence: value.options.min_confidence ?? 0.8,
    transcriber: text(usage.transcriber),
    analyst: text(usage.analyst),
    voices: number(speakers.voices),
    speakerWarnings: Array.isArray(speakers.warnings)
      ? speakers.warnings.filter((entry) => typeof entry === "string")
      : [],
    speakerNames: value.speaker_names,
    completedAt: value.completed_at,
    // A signed address is shown without what signs it.
    sourceName: value.recording_url ? value.recording_url.split(/[?#]/)[0]! : value.file_key,
    metadata: value.metadata,
  };
}

export function transcript(value: Schema<"DayTranscript"> | Schema<"TranscriptOf">): Transcript {
  return {
    utterances: value.utterances.map(({ start, end, speaker, transcript: words }) => ({
      start,
      end,
      speaker,
      text: words,
    })),
    words: value.words.map(({ start, end, word }) => ({ start, end, text: word })),
    covered: "covered" in value ? value.covered.map(([start, end]) => ({ start: start!, end: end! })) : null,
  };
}

export function evidence(value: Schema<"Quote">): Evidence {
  // One of pillar, playbook, outcome, … with its name; for a pillar also its component and its points.
  const { component, points, ...about } = value.about ?? {};
  const name = Object.values(about)[0];
  return {
    about: typeof name === "string" ? name : null,
    component: typeof component === "string" ? component : null,
    points: typeof points === "number" ? points : null,
    claim: value.claim,
    quote: value.quote,
    start: value.start_seconds,
    end: value.end_seconds,
  };
}

function perPillar<T>(make: (pillar: Pillar) => T): Record<Pillar, T> {
  return Object.fromEntries(PILLARS.map((pillar) => [pillar, make(pillar)])) as Record<Pillar, T>;
}

export function result(value: Schema<"ResultOf">): Result {
  const { analyst, action_plan_v5: plan } = value;
  return {
    title: value.recording_title,
    prospect: value.prospect_name,
    summary: value.ai_summary,
    doubleDown: value.double_down,
    overall: value.overall_score,
    scores: perPillar((pillar) => value[`${pillar}_score`]),
    feedback: perPillar((pillar) => value.feedback_v5[pillar]),
    actionPlan: {
      implementation: plan.double_down_implementation,
      improvement: plan.general_communication_improvement,
      principle: plan.quoted_principle,
    },
    organizationSummary: value.organization_prompt_summary,
    organizationFeedback: value.organization_feedback,
    talkRatio: value.talk_ratio,
    longestMonologueSeconds: value.longest_monologue_seconds,
    interactivity: value.interactivity,
    patienceSeconds: value.patience_seconds,
    questions: value.questions_asked,
    fillers: value.filler_word_count,
    wordsPerMinute: value.words_per_minute,
    outcome: value.outcome,
    objections: value.objections.map((entry) => ({
      kind: entry.kind,
      quote: entry.quote,
      start: entry.start_seconds,
      end: entry.end_seconds,
      response: entry.response,
      responseStart: entry.response_start_seconds,
      handled: entry.handled,
    })),
    nextSteps: value.next_steps.map((entry) => ({
      action: entry.action,
      owner: entry.owner,
      when: entry.when,
      quote: entry.quote,
      start: entry.start_seconds,
      end: entry.end_seconds,
    })),
    offers: value.offers.map((entry) => ({
      what: entry.what,
      amount: entry.amount,
      currency: entry.currency,
      period: entry.period,
      quote: entry.quote,
      start: entry.start_seconds,
      end: entry.end_seconds,
    })),
    playbookPoints: value.playbook_points.map((entry) => ({
      text: entry.text,
      covered: entry.covered,
      quote: entry.quote,
      start: entry.start_seconds,
      end: entry.end_seconds,
    })),
    promptAnswers: value.prompt_answers.map((entry) => ({
      title: entry.title,
      answer: entry.answer,
      answerable: entry.answerable,
      evidence: entry.evidence.map(evidence),
    })),
    evidence: value.evidence.map(evidence),
    unverifiedClaims: value.unverified_claims,
    analyst: [text(analyst.engine), text(analyst.model), text(analyst.version)].filter(Boolean).join(" · ") || null,
    method: value.method,
    limits: value.limits,
  };
}

export function analysisRow(value: Schema<"AnalysisSummary"> | Schema<"AnalysisShown">): AnalysisRow {
  return {
    id: value.id,
    status: value.status,
    segmentId: value.segment_id,
    sessionId: value.parent_session_id,
    overall: value.overall_score,
    start: value.start_seconds,
    end: value.end_seconds,
    createdAt: value.created_at,
    playbookId: value.playbook_id,
    playbookVersion: value.playbook_version,
    error: failure(value.error),
  };
}

export function analysis(value: Schema<"AnalysisShown">): Analysis {
  return {
    ...analysisRow(value),
    transcript: value.transcript && transcript(value.transcript),
    result: value.analysis && result(value.analysis),
  };
}

export function note(value: Schema<"NoteShown">): Note {
  return {
    id: value.id,
    at: value.at_seconds,
    segmentId: value.segment_id,
    text: value.text,
    visibility: value.visibility,
    author: value.author,
    createdAt: value.created_at,
  };
}
