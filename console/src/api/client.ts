/** The transport of calls of `/v1`: see `typed.ts`. The session cookie identifies the visitor; the page keeps nothing secret. */

import { takeEarly } from "./early";

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface CallOptions {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

interface ErrorBody {
  error?: { code?: string; message?: string; request_id?: string; doc_url?: string; details?: Record<string, unknown> };
}

/** A failed call. `code` is the API's own, or `offline` when no answer came, or `unexpected_answer`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly details: Record<string, unknown>;
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: { requestId?: string | null; details?: Record<string, unknown>; retryAfterSeconds?: number | null } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.requestId = extra.requestId ?? null;
    this.details = extra.details ?? {};
    this.retryAfterSeconds = extra.retryAfterSeconds ?? null;
  }
}

type Listener = (error: ApiError) => void;
const unauthorised = new Set<Listener>();
const SIGN_IN = "/v1/console/session";
/** Counts sign-ins: a refusal of a call that began before the last one says nothing of it. */
let signIns = 0;

/** Call a function when a call is refused without a valid sign-in. Returns a function that ends this. */
export function onUnauthorised(listener: Listener): () => void {
  unauthorised.add(listener);
  return () => unauthorised.delete(listener);
}

/** Write a path with its query; null, undefined and empty values are left out. */
export function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

/** Call the API and return the JSON answer, or null for 204. Throws ApiError. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204) return null as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError(response.status, "unexpected_answer", "The answer was not JSON.");
  }
}

/** Call the API and return the answer itself. Throws ApiError for every status outside 2xx. */
export async function send(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  // Sent without a body too: the server takes changes by cookie only as JSON, which forms of other sites cannot send.
  if (method !== "GET" && method !== "DELETE") headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["Idempotency-Key"] = crypto.randomUUID();
  const signInsBefore = signIns;
  let response: Response;
  try {
    const url = address(path, options.query);
    const early = method === "GET" ? await takeEarly(url) : null;
    response =
      early ??
      (await fetch(url, {
        method,
        headers,
        credentials: "same-origin",
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
        signal: options.signal,
      }));
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "offline", "The server does not answer.");
  }
  if (response.ok) {
    if (method === "POST" && path === SIGN_IN) signIns++;
    return response;
  }
  const error = await errorOf(response);
  if (error.status === 401 && signInsBefore === signIns && !path.startsWith("/v1/console/")) {
    for (const listener of unauthorised) listener(error);
  }
  throw error;
}

async function errorOf(response: Response): Promise<ApiError> {
  let body: ErrorBody = {};
  try {
    body = (await response.json()) as ErrorBody;
  } catch {
    // A proxy in between answers in its own form; then the status is all that is known.
  }
  const wait = Number(response.headers.get("Retry-After"));
  return new ApiError(
    response.status,
    body.error?.code ?? (response.status === 404 ? "not_found" : "unexpected_answer"),
    body.error?.message ?? `The server answered ${response.status}.`,
    {
      requestId: body.error?.request_id ?? response.headers.get("X-Request-Id"),
      details: body.error?.details,
      retryAfterSeconds: Number.isFinite(wait) && wait > 0 ? wait : null,
    },
  );
}
