// A small client: fetch, types, safe repetition, waiting. No dependencies. Copy it and add what you need;
// every field and operation stands in the service's /openapi.json.

export type Status = "queued" | "transcribing" | "detecting" | "analyzing" | "completed" | "failed";

export interface Segment {
  id: string;
  index: number;
  start_seconds: number;
  end_seconds: number;
  confidence: number;
  title: string | null;
  status: "detected" | "below_threshold" | "analyzing" | "analyzed" | "failed";
  analysis_id: string | null;
}

export interface Session {
  id: string;
  status: Status;
  duration_seconds: number | null;
  segments_detected: number;
  segments: Segment[];
  error: { code: string; message: string } | null;
}

export interface Analysis {
  id: string;
  status: "queued" | "processing" | "completed" | "failed";
  analysis: {
    recording_title: string;
    ai_summary: string;
    overall_score: number;
    outcome: string;
    action_plan_v5: { general_communication_improvement: string };
  } | null;
}

export interface Day {
  org_id: string;
  rep_id: string;
  recording_url?: string;
  file_key?: string;
  options?: { min_confidence?: number; auto_analyze?: boolean; callback_url?: string; language?: string };
  metadata?: Record<string, unknown>;
}

/** What the API answers instead of doing what was asked. Decide by `code`. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | null;

  constructor(code: string, message: string, status: number, requestId: string | null) {
    super(`${message} (${code}, HTTP ${status}, ${requestId ?? "no request id"})`);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }
}

const WORTH_REPEATING = new Set([429, 502, 503, 504]);
const ATTEMPTS = 5;
const TIMEOUT_MS = 30_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Dayline {
  readonly #baseUrl: string;
  readonly #key: string;

  constructor(baseUrl: string, key: string) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.#key = key;
  }

  /** Submits a day. With an idempotencyKey of your own, submitting again after a crash submits nothing twice. */
  submit(day: Day, idempotencyKey?: string): Promise<{ id: string; status: Status; created_at: string }> {
    return this.#call("POST", "/v1/all-day-sessions", day, idempotencyKey);
  }

  session(id: string): Promise<Session> {
    return this.#call("GET", `/v1/all-day-sessions/${encodeURIComponent(id)}`);
  }

  analysis(id: string): Promise<Analysis> {
    return this.#call("GET", `/v1/analyses/${encodeURIComponent(id)}`);
  }

  /** Returns the session when nothing more will happen to it. */
  async wait(id: string, timeoutMs: number = 4 * 3600_000): Promise<Session> {
    const giveUp = Date.now() + timeoutMs;
    for (let pause = 250; ; pause = Math.min(15_000, pause * 1.5)) {
      const session = await this.session(id);
      if (session.status === "completed" || session.status === "failed") return session;
      if (Date.now() > giveUp) throw new Error(`${id} is still ${session.status}`);
      await sleep(pause);
    }
  }

  async #call<T>(method: string, path: string, body?: unknown, idempotencyKey?: string): Promise<T> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.#key}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    // The same key at every attempt: the service does it once, however often it arrives.
    if (method !== "GET") headers["Idempotency-Key"] = idempotencyKey ?? crypto.randomUUID();
    for (let attempt = 1; ; attempt++) {
      let pause = 500 * 2 ** (attempt - 1);
      try {
        const response = await fetch(this.#baseUrl + path, {
          method,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
          redirect: "error",
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (response.ok) return (await response.json()) as T;
        if (!WORTH_REPEATING.has(response.status) || attempt === ATTEMPTS) throw await refusal(response);
        await response.body?.cancel();
        const asked = Number(response.headers.get("Retry-After"));
        if (asked > 0) pause = asked * 1000;
      } catch (error) {
        if (error instanceof ApiError || attempt === ATTEMPTS) throw error;
      }
      await sleep(pause);
    }
  }
}

async function refusal(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string; request_id: string } };
    return new ApiError(error.code, error.message, response.status, error.request_id);
  } catch {
    return new ApiError("unknown", "The answer did not come from the API.", response.status, null);
  }
}
