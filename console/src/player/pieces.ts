/**
 * Sound of recordings that have no table of times (mp3 of varying rate, bare AAC), exact to the frame.
 *
 * A browser estimates where a second lies in such a file and can be seconds off. The server keeps a seek table, so this
 * reads the file in pieces from the frame before the wanted second and tells the browser which second that frame is
 * (Media Source Extensions). A jump costs one or two pieces and never the bytes between.
 */

import { ApiError, send } from "../api/client";
import { addressOf, api } from "../api/typed";
import type { AudioState } from "../api/types";

export const PIECE_BYTES = 128 * 1024;
/** Sound is read this far ahead of the listener, and forgotten this far behind: browsers keep about 12 MB. */
const AHEAD_SECONDS = 60;
const BEHIND_SECONDS = 60;
/** A decoder that begins in the middle of an mp3 needs a few frames before its sound is whole. */
const LEAD_SECONDS = 0.2;
/** Less than this before the end of what is there counts as not there: the last frame may be cut. */
const MARGIN_SECONDS = 0.05;

const TYPES: Record<string, string> = { mp3: "audio/mpeg", aac: "audio/aac" };

export interface Point {
  seconds: number;
  byte: number;
}

/** The media type by which a recording can be played in pieces here, or null. */
export function pieceType(audio: AudioState): string | null {
  if (!audio.hasSeekTable || audio.browser !== "native") return null;
  const type = TYPES[audio.container ?? ""];
  return type && globalThis.MediaSource?.isTypeSupported(type) ? type : null;
}

/** The point from which a decoder is ready by the wanted second. Points are in order and not empty. */
export function pointFor(points: readonly Point[], seconds: number): Point {
  return points.findLast((point) => point.seconds <= seconds - LEAD_SECONDS) ?? points[0]!;
}

/** Bytes in all, from a `Content-Range` such as `bytes 0-99/1000`. */
export function sizeIn(header: string | null): number | null {
  const size = Number(header?.split("/")[1]);
  return header && Number.isFinite(size) ? size : null;
}

export class Pieces {
  readonly url: string;
  private readonly source = new MediaSource();
  private readonly opened: Promise<SourceBuffer>;
  private points: Point[] | null = null;
  private run = new AbortController();

  constructor(
    private readonly sessionId: string,
    type: string,
    duration: number,
    private readonly audio: HTMLAudioElement,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.url = URL.createObjectURL(this.source);
    this.opened = new Promise((resolve) => {
      this.source.addEventListener(
        "sourceopen",
        () => {
          this.source.duration = duration;
          resolve(this.source.addSourceBuffer(type));
        },
        { once: true },
      );
    });
  }

  /** Make a second of the recording playable; what is read already stays. */
  want(seconds: number): void {
    if (this.has(seconds)) return;
    this.run.abort();
    this.run = new AbortController();
    const { signal } = this.run;
    this.read(seconds, signal).catch((error: unknown) => {
      if (!signal.aborted) this.onFailure(error);
    });
  }

  close(): void {
    this.run.abort();
    URL.revokeObjectURL(this.url);
  }

  private has(seconds: number): boolean {
    const { buffered } = this.audio;
    const isLast = this.source.readyState === "ended";
    for (let i = 0; i < buffered.length; i++) {
      const margin = isLast && i === buffered.length - 1 ? 0 : MARGIN_SECONDS;
      if (buffered.start(i) <= seconds && seconds <= buffered.end(i) - margin) return true;
    }
    return false;
  }

  private async read(seconds: number, signal: AbortSignal): Promise<void> {
    const buffer = await this.opened;
    this.points ??= (
      await api.get("/v1/all-day-sessions/{session_id}/audio/seek-table", { path: { session_id: this.sessionId } })
    ).points;
    if (this.points.length === 0) throw new ApiError(0, "decode", "The recording has no seek table.");
    const point = pointFor(this.points, seconds);
    await idle(buffer);
    if (signal.aborted) return;
    if (this.source.readyState === "open") buffer.abort();
    await forget(buffer, 0, Number.POSITIVE_INFINITY);
    if (signal.aborted) return;
    buffer.timestampOffset = point.seconds;
    let byte = point.byte;
    for (;;) {
      const { body, size } = await this.piece(byte, signal);
      await idle(buffer);
      if (signal.aborted) return;
      buffer.appendBuffer(body);
      byte += body.byteLength;
      await idle(buffer);
      if (signal.aborted) return;
      if (byte >= size || body.byteLength === 0) {
        if (this.source.readyState === "open") this.source.endOfStream();
        return;
      }
      await this.room(buffer, signal);
      if (signal.aborted) return;
    }
  }

  /** Bytes from a place on: at most a piece. */
  private async piece(byte: number, signal: AbortSignal): Promise<{ body: ArrayBuffer; size: number }> {
    const address = addressOf("/v1/all-day-sessions/{session_id}/audio", { path: { session_id: this.sessionId } });
    const headers = { Range: `bytes=${byte}-${byte + PIECE_BYTES - 1}` };
    const answer = await send("GET", address, { headers, signal });
    const body = await answer.arrayBuffer();
    return { body, size: sizeIn(answer.headers.get("Content-Range")) ?? byte + body.byteLength };
  }

  /** Wait until the listener has come near the end of what is there, and forget what lies far behind. */
  private async room(buffer: SourceBuffer, signal: AbortSignal): Promise<void> {
    const { audio } = this;
    const isFull = () => {
      const { buffered } = buffer;
      return buffered.length > 0 && buffered.end(buffered.length - 1) - audio.currentTime > AHEAD_SECONDS;
    };
    while (isFull() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        audio.addEventListener("timeupdate", () => resolve(), { once: true });
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    const old = audio.currentTime - BEHIND_SECONDS;
    if (!signal.aborted && old > 0) await forget(buffer, 0, old);
  }
}

function idle(buffer: SourceBuffer): Promise<void> {
  if (!buffer.updating) return Promise.resolve();
  return new Promise((resolve) => buffer.addEventListener("updateend", () => resolve(), { once: true }));
}

async function forget(buffer: SourceBuffer, from: number, to: number): Promise<void> {
  if (buffer.buffered.length === 0) return;
  buffer.remove(from, to);
  await idle(buffer);
}
