/** Makes the console's types from answers of the API. Missing fields become null or empty, never a guess. */

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
  type Me,
  type Note,
  PILLARS,
  type Pillar,
  type Progress,
  type Reason,
  type Result,
  type Rollup,
  type Segment,
  type SegmentStatus,
  type SessionStatus,
  type Transcript,
  type Waveform,
} from "./types";

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const object = (value: unknown): Json => (isObject(value) ? value : {});
export const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
export const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
export const number = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
export const flag = (value: unknown): boolean | null => (typeof value === "boolean" ? value : null);
const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];

export function labelOf(value: unknown): Label {
  return (LABELS as readonly unknown[]).includes(value) ? (value as Label) : "other_speech";
}

export function failure(value: unknown): Failure | null {
  if (!isObject(value)) return null;
  return {
    code: text(value.code) ?? "internal_error",
    message: text(value.message) ?? "",
    details: object(value.details),
  };
}

export function reason(value: Json): Reason {
  return {
    about: text(value.about) ?? "kind",
    text: text(value.text) ?? "",
    at: number(value.at_seconds) ?? 0,
    weight: number(value.weight) ?? 0,
  };
}

export function segment(value: Json): Segment {
  return {
    id: String(value.id),
    index: number(value.index) ?? 0,
    start: number(value.start_seconds) ?? 0,
    end: number(value.end_seconds) ?? 0,
    confidence: number(value.confidence),
    title: text(value.title),
    status: (text(value.status) ?? "detected") as SegmentStatus,
    analysisId: text(value.analysis_id),
    reasons: list(value.reasons).map(reason),
    revision: number(value.revision) ?? 0,
  };
}

export function interval(value: Json): Interval {
  return {
    start: number(value.start_seconds) ?? 0,
    end: number(value.end_seconds) ?? 0,
    label: labelOf(value.label),
    reasons: list(value.reasons).map(reason),
  };
}

/** The timeline's intervals, under either name that the API has used for them. */
export function intervals(value: unknown): Interval[] {
  const body = object(value);
  return list(body.intervals ?? body.stretches).map(interval);
}

export function audioState(value: unknown): AudioState | null {
  if (!isObject(value)) return null;
  return {
    playable: flag(value.playable) ?? false,
    reason: text(value.reason),
    source: text(value.source),
    seek: value.seek === "approximate" ? "approximate" : "exact",
    browser: value.browser === "clip_only" ? "clip_only" : "native",
  };
}

export function progress(value: unknown): Progress {
  const body = object(value);
  return {
    stage: text(body.stage) ?? "queued",
    percent: number(body.percent) ?? 0,
    transcribedSeconds: number(body.transcribed_seconds) ?? 0,
    spansDone: number(body.spans_done),
    spansTotal: number(body.spans_total),
    etaSeconds: number(body.eta_seconds),
  };
}

function rollup(value: unknown): Rollup | null {
  if (!isObject(value)) return null;
  const scores = object(value.average_scores);
  const outcomes = object(value.outcomes);
  return {
    conversations: number(value.conversations) ?? 0,
    analyzed: number(value.analyzed) ?? 0,
    customerTalkSeconds: number(value.customer_talk_seconds) ?? 0,
    averageScores: Object.fromEntries(Object.entries(scores).map(([name, score]) => [name, number(score)])),
    outcomes: Object.fromEntries(Object.entries(outcomes).map(([name, count]) => [name, number(count) ?? 0])),
    summary: text(value.summary) ?? "",
  };
}

function strip(value: unknown, segments: Segment[], duration: number | null): DayRow["strip"] {
  if (Array.isArray(value)) {
    let at = 0;
    return value.filter(Array.isArray).map((run: unknown[]) => {
      const start = at;
      at += number(run[1]) ?? 0;
      return { start, end: at, label: labelOf(run[0]) };
    });
  }
  if (duration === null) return [];
  return segments.map((part) => ({ start: part.start, end: part.end, label: "customer" as const }));
}

/** One row of the list, from the summary view or from a whole session. */
export function dayRow(value: Json): DayRow {
  const segments = list(value.segments).map(segment);
  const duration = number(value.duration_seconds);
  const summary = rollup(value.rollup);
  const usage = object(value.usage);
  return {
    id: String(value.id),
    status: (text(value.status) ?? "queued") as SessionStatus,
    createdAt: text(value.created_at) ?? "",
    recordedAt: text(value.recorded_at),
    recordedAtFrom: text(value.recorded_at_source) ?? text(value.recorded_at_from),
    org: text(value.org_id) ?? "",
    rep: text(value.rep_id) ?? "",
    duration,
    revision: number(value.revision) ?? 0,
    visits: number(value.segments_detected) ?? segments.length,
    belowThreshold: number(value.segments_below_threshold) ?? 0,
    failedAnalyses: number(value.segments_failed) ?? 0,
    customerSeconds:
      number(value.customer_seconds) ??
      summary?.customerTalkSeconds ??
      (segments.length ? segments.reduce((sum, part) => sum + part.end - part.start, 0) : null),
    meanScore: number(value.overall_score) ?? number(value.mean_score) ?? summary?.averageScores.overall_score ?? null,
    scored: number(value.segments_analyzed) ?? summary?.analyzed ?? 0,
    isDemoQuality: flag(value.is_demo_quality) ?? flag(usage.is_demo_quality) ?? false,
    audio: audioState(value.audio),
    progress: progress(value.progress),
    error: failure(value.error),
    strip: strip(value.strip, segments, duration),
  };
}

/** A session in full. */
export function day(value: Json): Day {
  const usage = object(value.usage);
  const speakers = object(usage.speakers);
  const url = text(value.recording_url);
  return {
    ...dayRow(value),
    segments: list(value.segments).map(segment),
    rollup: rollup(value.rollup),
    minConfidence: number(object(value.options).min_confidence) ?? 0.8,
    transcriber: text(usage.transcriber),
    analyst: text(usage.analyst),
    voices: number(speakers.voices),
    speakerWarnings: strings(speakers.warnings),
    speakerNames: Object.fromEntries(
      Object.entries(object(value.speakers ?? value.speaker_names)).flatMap(([name, shown]) =>
        typeof shown === "string" ? [[name, shown]] : [],
      ),
    ),
    completedAt: text(value.completed_at),
    sourceName: url ? url.split(/[?#]/)[0]! : text(value.file_key),
    metadata: object(value.metadata),
  };
}

export function transcript(value: unknown): Transcript {
  const body = object(value);
  return {
    utterances: list(body.utterances).map((entry) => ({
      start: number(entry.start) ?? 0,
      end: number(entry.end) ?? 0,
      speaker: text(entry.speaker),
      text: text(entry.text) ?? text(entry.transcript) ?? "",
    })),
    words: list(body.words).map((entry) => ({
      start: number(entry.start) ?? 0,
      end: number(entry.end) ?? 0,
      text: text(entry.word) ?? "",
    })),
  };
}

export function waveform(value: unknown): Waveform {
  const body = object(value);
  const peaks = Array.isArray(body.peaks) ? (body.peaks as number[]) : [];
  return { pointSeconds: number(body.point_seconds) ?? 1, start: number(body.start_seconds) ?? 0, peaks };
}

/** `about` stands on newer evidence; older claims begin with the pillar: "clarity: concrete figures: 8". */
export function evidence(value: Json): Evidence {
  const claim = text(value.claim) ?? "";
  const about = isObject(value.about) ? text(Object.values(value.about)[0]) : text(value.about);
  const split = /^([a-z_]+): (.*)$/s.exec(claim);
  return {
    about: about ?? split?.[1] ?? null,
    component: text(value.component) ?? (split ? (split[2] ?? null) : null),
    points: number(value.points),
    claim,
    quote: text(value.quote) ?? "",
    start: number(value.start_seconds) ?? 0,
    end: number(value.end_seconds) ?? 0,
  };
}

function perPillar<T>(make: (pillar: Pillar) => T): Record<Pillar, T> {
  return Object.fromEntries(PILLARS.map((pillar) => [pillar, make(pillar)])) as Record<Pillar, T>;
}

export function result(value: unknown): Result | null {
  if (!isObject(value)) return null;
  const feedback = object(value.feedback_v5);
  const plan = object(value.action_plan_v5);
  const analyst = object(value.analyst);
  return {
    title: text(value.recording_title),
    prospect: text(value.prospect_name),
    summary: text(value.ai_summary),
    doubleDown: text(value.double_down),
    overall: number(value.overall_score),
    scores: perPillar((pillar) => number(value[`${pillar}_score`])),
    feedback: perPillar((pillar) => {
      const entry = object(feedback[pillar]);
      return { positive: text(entry.positive), negative: text(entry.negative) };
    }),
    actionPlan: {
      implementation: text(plan.double_down_implementation),
      improvement: text(plan.general_communication_improvement),
      principle: text(plan.quoted_principle),
    },
    organizationSummary: text(value.organization_prompt_summary),
    organizationFeedback: text(value.organization_feedback),
    talkRatio: number(value.talk_ratio),
    longestMonologueSeconds: number(value.longest_monologue_seconds),
    interactivity: number(value.interactivity),
    patienceSeconds: number(value.patience_seconds),
    questions: number(value.questions_asked),
    fillers: number(value.filler_word_count),
    wordsPerMinute: number(value.words_per_minute),
    outcome: text(value.outcome),
    objections: list(value.objections).map((entry) => ({
      kind: text(entry.kind) ?? "",
      quote: text(entry.quote) ?? "",
      start: number(entry.start_seconds) ?? 0,
      end: number(entry.end_seconds) ?? 0,
      response: text(entry.response),
      responseStart: number(entry.response_start_seconds),
      handled: flag(entry.handled),
      settled: flag(entry.settled),
    })),
    nextSteps: list(value.next_steps).map((entry) => ({
      action: text(entry.action) ?? "",
      owner: text(entry.owner),
      when: text(entry.when),
      quote: text(entry.quote) ?? "",
      start: number(entry.start_seconds) ?? 0,
      end: number(entry.end_seconds) ?? 0,
    })),
    offers: list(value.offers).map((entry) => ({
      what: text(entry.what) ?? "",
      amount: number(entry.amount),
      currency: text(entry.currency),
      quote: text(entry.quote) ?? "",
      start: number(entry.start_seconds) ?? 0,
      end: number(entry.end_seconds) ?? 0,
    })),
    playbookPoints: list(value.playbook_points).map((entry) => ({
      text: text(entry.text) ?? "",
      covered: entry.covered === "yes" || entry.covered === "no" ? entry.covered : "unclear",
      quote: text(entry.quote),
      start: number(entry.start_seconds),
    })),
    promptAnswers: list(value.prompt_answers).map((entry) => ({
      title: text(entry.title) ?? "",
      answer: text(entry.answer),
      answerable: flag(entry.answerable) ?? true,
      evidence: list(entry.evidence).map(evidence),
    })),
    evidence: list(value.evidence).map(evidence),
    unverifiedClaims: number(value.unverified_claims) ?? 0,
    analyst: [text(analyst.engine), text(analyst.model), text(analyst.version)].filter(Boolean).join(" · ") || null,
    method: text(value.method),
    limits: text(value.limits),
  };
}

export function analysisRow(value: Json): AnalysisRow {
  return {
    id: String(value.id),
    status: (text(value.status) ?? "queued") as AnalysisRow["status"],
    segmentId: text(value.segment_id),
    sessionId: text(value.parent_session_id),
    overall: number(value.overall_score),
    start: number(value.start_seconds),
    end: number(value.end_seconds),
    createdAt: text(value.created_at) ?? "",
    playbookId: text(value.playbook_id),
    playbookVersion: number(value.playbook_version),
    error: failure(value.error),
  };
}

export function analysis(value: Json): Analysis {
  return {
    ...analysisRow(value),
    transcript: isObject(value.transcript) ? transcript(value.transcript) : null,
    result: result(value.analysis),
  };
}

export function note(value: Json): Note {
  return {
    id: String(value.id),
    at: number(value.at_seconds) ?? 0,
    segmentId: text(value.segment_id),
    text: text(value.text) ?? "",
    visibility: text(value.visibility) ?? "org",
    author: text(value.author) ?? text(value.author_name),
    createdAt: text(value.created_at) ?? "",
  };
}

export function me(value: unknown): Me {
  const body = object(value);
  const server = object(body.server);
  const role = text(body.role);
  return {
    partner: isObject(body.partner) ? { id: String(body.partner.id), name: text(body.partner.name) ?? "" } : null,
    key: isObject(body.key)
      ? {
          id: String(body.key.id),
          environment: text(body.key.environment) ?? "",
          scopes: strings(body.key.scopes),
          name: text(body.key.name),
        }
      : null,
    environment: text(body.environment) ?? text(object(body.key).environment),
    role: role === "operator" || role === "coach" || role === "rep" || role === "viewer" ? role : null,
    name: text(body.name) ?? text(object(body.visitor).name),
    server: isObject(body.server)
      ? {
          version: text(server.version) ?? "",
          transcriber: text(server.transcriber),
          analyst: text(server.analyst),
          isDemoQuality: flag(server.is_demo_quality) ?? false,
        }
      : null,
    limits: object(body.limits),
  };
}
