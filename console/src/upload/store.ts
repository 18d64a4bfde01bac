/** Uploads of this page: they go on while the visitor moves from view to view. */

import { useSyncExternalStore } from "react";
import { ApiError } from "../api/client";
import { api, type Schema } from "../api/typed";
import { w } from "../words";
import { bytes } from "../words/format";

const STALL_MS = 60_000;
const LEAST_SECONDS = 10;
const TYPES = /\.(mp3|m4a|mp4|aac|wav|flac|ogg|oga|opus|webm|mkv|mka|mov|amr|3gp|wma|caf|aif|aiff|w64)$/i;

export type UploadState = "ready" | "waiting" | "sending" | "submitting" | "done" | "failed" | "cancelled";

export interface UploadSettings {
  org: string;
  rep: string;
  recordedAt: string;
  playbook: string;
  language: string;
}

export interface Upload {
  id: number;
  file: File;
  seconds: number | null;
  state: UploadState;
  sent: number;
  bytesPerSecond: number;
  problem: string | null;
  dayId: string | null;
}

let uploads: Upload[] = [];
let nextId = 1;
const requests = new Map<number, XMLHttpRequest>();
const listeners = new Set<() => void>();

function change(id: number, part: Partial<Upload>): void {
  uploads = uploads.map((entry) => (entry.id === id ? { ...entry, ...part } : entry));
  for (const listener of listeners) listener();
}

export function useUploads(): Upload[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => uploads,
  );
}

/** Add files to the list. A file that cannot be a recording is refused before anything is sent. */
export function addFiles(files: readonly File[]): void {
  for (const file of files) {
    const id = nextId++;
    const looksRight = /^(audio|video)\//.test(file.type) || TYPES.test(file.name);
    uploads = [
      ...uploads,
      {
        id,
        file,
        seconds: null,
        state: looksRight ? "ready" : "failed",
        sent: 0,
        bytesPerSecond: 0,
        problem: looksRight ? null : w.upload.notAudio,
        dayId: null,
      },
    ];
    if (looksRight) void measure(id, file);
  }
  for (const listener of listeners) listener();
}

async function measure(id: number, file: File): Promise<void> {
  const url = URL.createObjectURL(file);
  const seconds = await new Promise<number | null>((resolve) => {
    const probe = new Audio();
    probe.preload = "metadata";
    probe.addEventListener("loadedmetadata", () => resolve(Number.isFinite(probe.duration) ? probe.duration : null));
    probe.addEventListener("error", () => resolve(null));
    probe.src = url;
  });
  URL.revokeObjectURL(url);
  if (seconds !== null && seconds < LEAST_SECONDS) change(id, { seconds, state: "failed", problem: w.upload.tooShort });
  else change(id, { seconds });
}

export function removeUpload(id: number): void {
  requests.get(id)?.abort();
  uploads = uploads.filter((entry) => entry.id !== id);
  for (const listener of listeners) listener();
}

export function cancelUpload(id: number): void {
  requests.get(id)?.abort();
  change(id, { state: "cancelled", sent: 0 });
}

/** Ask for an upload address, send the file, submit the day. Returns the id of the day, or null after a failure. */
export async function sendUpload(id: number, settings: UploadSettings, maxBytes: number): Promise<string | null> {
  const entry = uploads.find((one) => one.id === id);
  if (!entry) return null;
  if (entry.file.size > maxBytes) {
    change(id, { state: "failed", problem: w.upload.tooLarge(bytes(maxBytes)) });
    return null;
  }
  change(id, { state: "sending", sent: 0, problem: null, bytesPerSecond: 0 });
  try {
    const signed = await api.post("/v1/uploads/signed-url", {
      body: {
        file_name: entry.file.name,
        content_type: entry.file.type || "application/octet-stream",
        size_bytes: entry.file.size,
      },
    });
    await put(id, entry.file, signed);
    change(id, { state: "submitting" });
    const session = await api.post("/v1/all-day-sessions", {
      body: {
        org_id: settings.org.trim(),
        rep_id: settings.rep.trim(),
        file_key: signed.file_key,
        ...(settings.recordedAt ? { recorded_at: new Date(settings.recordedAt).toISOString() } : {}),
        options: {
          ...(settings.playbook ? { playbook_id: settings.playbook } : {}),
          ...(settings.language.trim() ? { language: settings.language.trim() } : {}),
        },
      },
    });
    change(id, { state: "done", dayId: session.id });
    return session.id;
  } catch (error) {
    if (uploads.find((one) => one.id === id)?.state === "cancelled") return null;
    change(id, { state: "failed", problem: error instanceof ApiError ? messageOf(error) : (error as Error).message });
    return null;
  }
}

function messageOf(error: ApiError): string {
  if (error.code === "offline") return w.upload.network;
  const limit = error.details.max_bytes ?? error.details.limit;
  return error.status === 413 && typeof limit === "number" ? w.upload.tooLarge(bytes(limit)) : error.message;
}

function put(id: number, file: File, signed: Schema<"UploadLink">): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    requests.set(id, request);
    const began = performance.now();
    let stalled = false;
    let timer = 0;
    const watch = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        stalled = true;
        request.abort();
      }, STALL_MS);
    };
    request.upload.addEventListener("progress", (event) => {
      watch();
      const seconds = (performance.now() - began) / 1000;
      change(id, { sent: event.loaded, bytesPerSecond: seconds > 0.2 ? event.loaded / seconds : 0 });
    });
    request.addEventListener("load", () =>
      request.status >= 200 && request.status < 300 ? resolve() : reject(new Error(refusal(request))),
    );
    request.addEventListener("error", () => reject(new Error(w.upload.network)));
    request.addEventListener("abort", () => reject(new Error(stalled ? w.upload.stalled : w.upload.network)));
    request.addEventListener("loadend", () => {
      clearTimeout(timer);
      requests.delete(id);
    });
    request.open("PUT", signed.upload_url);
    for (const [name, value] of Object.entries(signed.headers)) {
      // The browser writes these itself and refuses to let a page do it.
      if (!/^(content-length|host)$/i.test(name)) request.setRequestHeader(name, value);
    }
    watch();
    request.send(file);
  });
}

function refusal(request: XMLHttpRequest): string {
  try {
    const body = JSON.parse(request.responseText) as { error?: { message?: string } };
    if (body.error?.message) return body.error.message;
  } catch {
    // A bucket answers in XML; the status tells enough.
  }
  return w.upload.refused(request.status);
}
