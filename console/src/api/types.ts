/** What the console works with. `wire.ts` makes these from answers of the API. */

import type { Span } from "../timeline/model";

export const LABELS = ["customer", "internal", "personal", "broadcast", "other_speech", "silence"] as const;
export type Label = (typeof LABELS)[number];

export type SessionStatus = "queued" | "transcribing" | "detecting" | "analyzing" | "completed" | "failed";
export type SegmentStatus = "detected" | "below_threshold" | "analyzing" | "analyzed" | "failed";

/** Why the detector decided as it did, with the second to listen to. */
export interface Reason {
  about: string;
  text: string;
  at: number;
  weight: number;
}

/** One reported conversation. `confidence` is null where a person set it. */
export interface Segment {
  id: string;
  index: number;
  start: number;
  end: number;
  confidence: number | null;
  title: string | null;
  status: SegmentStatus;
  analysisId: string | null;
  reasons: Reason[];
  revision: number;
}

/** An interval of the timeline with one label. */
export interface Interval {
  start: number;
  end: number;
  label: Label;
  reasons: Reason[];
}

export interface Failure {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** Whether and how the recording can be played. `unknown`: the server does not say. */
export interface AudioState {
  playable: boolean;
  reason: string | null;
  source: string | null;
  container: string | null;
  seek: "exact" | "approximate";
  hasSeekTable: boolean;
  browser: "native" | "clip_only";
}

export interface Progress {
  stage: string;
  percent: number;
  transcribedSeconds: number;
  spansDone: number | null;
  spansTotal: number | null;
  etaSeconds: number | null;
}

export interface Rollup {
  conversations: number;
  analyzed: number;
  customerTalkSeconds: number;
  averageScores: Record<string, number | null>;
  outcomes: Record<string, number>;
  summary: string;
}

/** One day in the list. */
export interface DayRow {
  id: string;
  status: SessionStatus;
  createdAt: string;
  recordedAt: string | null;
  recordedAtFrom: string | null;
  org: string;
  rep: string;
  duration: number | null;
  revision: number;
  visits: number;
  belowThreshold: number;
  failedAnalyses: number;
  customerSeconds: number | null;
  meanScore: number | null;
  scored: number;
  isDemoQuality: boolean;
  audio: AudioState;
  progress: Progress;
  error: Failure | null;
  /** Runs of labels from 0 to the end; empty where the server does not send them. */
  strip: { start: number; end: number; label: Label | null }[];
}

/** One day in full. */
export interface Day extends Omit<DayRow, "strip"> {
  segments: Segment[];
  rollup: Rollup | null;
  minConfidence: number;
  transcriber: string | null;
  analyst: string | null;
  voices: number | null;
  speakerWarnings: string[];
  speakerNames: Record<string, string>;
  completedAt: string | null;
  sourceName: string | null;
  metadata: Record<string, unknown>;
}

export interface Utterance {
  start: number;
  end: number;
  speaker: string | null;
  text: string;
}

export interface Word {
  start: number;
  end: number;
  text: string;
}

export interface Transcript {
  utterances: Utterance[];
  /** Empty when the server left them out. */
  words: Word[];
  /** What is transcribed so far, while the day is still worked on; null for a finished conversation. */
  covered: Span[] | null;
}

export interface Waveform {
  pointSeconds: number;
  start: number;
  peaks: number[];
}

export interface Evidence {
  about: string | null;
  component: string | null;
  points: number | null;
  claim: string;
  quote: string;
  start: number;
  end: number;
}

export const PILLARS = ["clarity", "influence", "objection", "discovery", "delivery", "close"] as const;
export type Pillar = (typeof PILLARS)[number];

export interface Objection {
  kind: string;
  quote: string;
  start: number;
  end: number;
  response: string | null;
  responseStart: number | null;
  handled: boolean | null;
}

export interface NextStep {
  action: string;
  owner: string | null;
  when: string | null;
  quote: string;
  start: number;
  end: number;
}

export interface Offer {
  what: string | null;
  amount: number;
  currency: string | null;
  period: string | null;
  quote: string;
  start: number;
  end: number;
}

export interface PlaybookPoint {
  text: string;
  covered: "yes" | "no" | "unclear";
  quote: string | null;
  start: number | null;
  end: number | null;
}

export interface PromptAnswer {
  title: string;
  answer: string | null;
  answerable: boolean;
  evidence: Evidence[];
}

export interface Result {
  title: string | null;
  prospect: string | null;
  summary: string | null;
  doubleDown: string | null;
  overall: number | null;
  scores: Record<Pillar, number | null>;
  feedback: Record<Pillar, { positive: string | null; negative: string | null }>;
  actionPlan: { implementation: string | null; improvement: string | null; principle: string | null };
  organizationSummary: string | null;
  organizationFeedback: string | null;
  talkRatio: number | null;
  longestMonologueSeconds: number | null;
  interactivity: number | null;
  patienceSeconds: number | null;
  questions: number | null;
  fillers: number | null;
  wordsPerMinute: number | null;
  outcome: string | null;
  objections: Objection[];
  nextSteps: NextStep[];
  offers: Offer[];
  playbookPoints: PlaybookPoint[];
  promptAnswers: PromptAnswer[];
  evidence: Evidence[];
  unverifiedClaims: number;
  analyst: string | null;
  method: string | null;
  limits: string | null;
}

export interface AnalysisRow {
  id: string;
  status: "queued" | "processing" | "completed" | "failed";
  segmentId: string | null;
  sessionId: string | null;
  overall: number | null;
  start: number | null;
  end: number | null;
  createdAt: string;
  playbookId: string | null;
  playbookVersion: number | null;
  error: Failure | null;
}

export interface Analysis extends AnalysisRow {
  transcript: Transcript | null;
  result: Result | null;
}

export interface Note {
  id: string;
  at: number;
  segmentId: string | null;
  text: string;
  visibility: string;
  author: string | null;
  createdAt: string;
}

export type Role = "operator" | "coach" | "rep" | "viewer";

export interface Me {
  partner: { id: string; name: string } | null;
  key: { id: string; environment: string; scopes: string[]; name: string | null } | null;
  role: Role | null;
  environment: string;
  name: string | null;
  server: { version: string; transcriber: string | null; analyst: string | null; isDemoQuality: boolean };
  maxUploadBytes: number;
  /** The orgs and the rep that the visitor is limited to; empty and null for none. */
  orgs: string[];
  rep: string | null;
}
