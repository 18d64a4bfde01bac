/** One audio element for the whole app, and where the listener is in a recording. */

import { useSyncExternalStore } from "react";
import { addressOf } from "../api/typed";
import type { AudioState } from "../api/types";
import type { Span } from "../timeline/model";
import { setOpened } from "./opened";
import { Pieces, pieceType } from "./pieces";
import { untilAtPlace } from "./place";
import { skipTo } from "./quotes";

/** How long one clip is asked for where the browser cannot play the recording itself. At most 900 s by the API. */
const CLIP_SECONDS = 300;
export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];

/** `stream`: the browser reads the file. `pieces`: by the seek table. `clips`: made by the server. `local`: a file here. */
export type Source = "stream" | "pieces" | "clips" | "local" | "none";

export interface PlayerState {
  dayId: string | null;
  title: string;
  duration: number;
  source: Source;
  /** Why there is no sound; a key of the words. */
  reason: string | null;
  playing: boolean;
  loading: boolean;
  speed: number;
  onlyCustomers: boolean;
  skipSilence: boolean;
  stopAt: number | null;
}

const initial: PlayerState = {
  dayId: null,
  title: "",
  duration: 0,
  source: "none",
  reason: null,
  playing: false,
  loading: false,
  speed: 1,
  onlyCustomers: false,
  skipSilence: false,
  stopAt: null,
};

type Moved = (seconds: number) => void;

const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

class Player {
  private state = initial;
  private readonly listeners = new Set<() => void>();
  private readonly movers = new Set<Moved>();
  private readonly jumpers = new Set<Moved>();
  private audio: HTMLAudioElement | null = null;
  private url: string | null = null;
  /** Second of the recording at which the loaded source begins. */
  private base = 0;
  private clipEnd = 0;
  private at = 0;
  private wanted: Span[] | null = null;
  private localUrl: string | null = null;
  private type: string | null = null;
  private pieces: Pieces | null = null;
  /** Counts plays and what ends them: a play that waited goes on only if nothing came after it. */
  private turn = 0;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get = (): PlayerState => this.state;

  /** Seconds of the recording at which the listener is. */
  get position(): number {
    return this.at;
  }

  /** Call a function at every change of position, at most once a frame. Returns a function that ends this. */
  onMove(mover: Moved): () => void {
    this.movers.add(mover);
    mover(this.at);
    return () => this.movers.delete(mover);
  }

  /** Call a function when a person chooses a place, by a click, a key or a link; playing on does not count. */
  onJump(jumper: Moved): () => void {
    this.jumpers.add(jumper);
    return () => this.jumpers.delete(jumper);
  }

  /** Open a recording. Opening the same one again updates what is known about it and keeps the position. */
  open(day: { id: string; title: string; duration: number; audio: AudioState; isMock: boolean }): void {
    setOpened();
    const { source, reason } = sourceOf(day.audio, day.isMock);
    this.type = pieceType(day.audio);
    if (day.id === this.state.dayId) {
      this.set({ title: day.title, duration: day.duration });
      const stays = this.state.source === "local" || (this.state.source === "clips" && source === "pieces");
      if (!stays && this.state.reason !== "offline") this.set({ source, reason });
      return;
    }
    this.unload();
    this.dropLocal();
    this.at = 0;
    this.wanted = null;
    this.set({ ...this.state, dayId: day.id, title: day.title, duration: day.duration, source, reason, stopAt: null });
    this.set({ onlyCustomers: false, skipSilence: false });
    this.tell();
  }

  /** Close the recording. */
  close(): void {
    this.unload();
    this.dropLocal();
    this.at = 0;
    this.wanted = null;
    this.set(initial);
  }

  /** Play only these spans of the recording; null plays everything. */
  only(spans: Span[] | null): void {
    this.wanted = spans;
  }

  setModes(modes: { onlyCustomers?: boolean; skipSilence?: boolean }): void {
    this.set(modes);
  }

  async toggle(): Promise<void> {
    if (this.state.playing) this.pause();
    else await this.play();
  }

  async play(from: number = this.at, stopAt: number | null = null): Promise<void> {
    if (this.state.source === "none") {
      this.seek(from);
      return;
    }
    this.set({ stopAt });
    if (from >= this.state.duration) from = 0;
    if (from !== this.at) this.jumped(from);
    this.load(from);
    // Where it will go on is shown at once, before the sound has arrived.
    this.tell();
    this.turn += 1;
    const turn = this.turn;
    try {
      // Pieces and clips hold nothing of other places.
      if (this.state.source === "stream" || this.state.source === "local")
        await untilAtPlace(this.element(), () => turn === this.turn);
      if (turn === this.turn) await this.element().play();
    } catch (error) {
      // A newer load interrupts an older play; that is no failure of the recording.
      if (!(error instanceof DOMException && error.name === "AbortError")) this.set({ playing: false, loading: false });
    }
  }

  pause(): void {
    this.turn += 1;
    this.audio?.pause();
    // The element's event comes later; a jump before it must not play on.
    this.set({ playing: false, loading: false });
  }

  /** Move to a second of the recording; sound goes on if it was on. */
  seek(seconds: number): void {
    const to = Math.min(Math.max(seconds, 0), this.state.duration);
    if (this.state.stopAt !== null && to > this.state.stopAt) this.set({ stopAt: null });
    if (this.state.playing) void this.play(to, this.state.stopAt);
    else {
      this.at = to;
      if (this.url !== null) this.load(to);
      this.tell();
      this.jumped(to);
    }
  }

  by(seconds: number): void {
    this.seek(this.at + seconds);
  }

  setSpeed(speed: number): void {
    this.set({ speed });
    if (this.audio) this.audio.playbackRate = speed;
  }

  faster(steps: number): void {
    const at = SPEEDS.indexOf(this.state.speed);
    this.setSpeed(SPEEDS[Math.min(Math.max(at + steps, 0), SPEEDS.length - 1)] ?? 1);
  }

  /** Play a file of this computer instead. The file is read by the browser alone. */
  playLocal(url: string): void {
    this.unload();
    this.dropLocal();
    this.localUrl = url;
    this.set({ source: "local", reason: null });
  }

  private dropLocal(): void {
    if (this.localUrl) URL.revokeObjectURL(this.localUrl);
    this.localUrl = null;
  }

  private unload(): void {
    this.turn += 1;
    if (this.audio) {
      this.audio.pause();
      this.audio.removeAttribute("src");
      this.audio.load();
    }
    this.pieces?.close();
    this.pieces = null;
    this.url = null;
    this.set({ playing: false, loading: false });
  }

  private element(): HTMLAudioElement {
    if (this.audio) return this.audio;
    const audio = new Audio();
    audio.preload = "none";
    audio.addEventListener("playing", () => {
      audio.playbackRate = this.state.speed;
      this.set({ playing: true, loading: false });
      requestAnimationFrame(this.frame);
    });
    audio.addEventListener("waiting", () => this.set({ loading: true }));
    audio.addEventListener("pause", () => this.set({ playing: false, loading: false }));
    audio.addEventListener("ended", () => this.ended());
    audio.addEventListener("error", () => void this.failed());
    audio.addEventListener("seeked", () => {
      if (audio.paused) this.moved();
    });
    this.audio = audio;
    this.handset();
    return audio;
  }

  /** Make the element play at a second of the recording, by seeking or by another source. */
  private load(seconds: number): void {
    const audio = this.element();
    this.at = seconds;
    if (this.state.source === "clips") {
      // A clip has no table of places: the browser would go back to its start. Only going on needs no new one.
      const inside = this.url !== null && Math.abs(this.base + audio.currentTime - seconds) < 0.01;
      if (!inside) {
        this.base = seconds;
        this.clipEnd = Math.min(seconds + CLIP_SECONDS, this.state.duration);
        this.begin(
          addressOf("/v1/all-day-sessions/{session_id}/audio/clip", {
            path: { session_id: this.state.dayId! },
            query: { start: milliseconds(seconds), end: milliseconds(this.clipEnd) },
          }),
        );
      }
      return;
    }
    this.base = 0;
    const url =
      this.state.source === "local"
        ? this.localUrl!
        : addressOf("/v1/all-day-sessions/{session_id}/audio", { path: { session_id: this.state.dayId! } });
    if (this.url !== url) {
      if (this.state.source === "pieces") {
        const { dayId, duration } = this.state;
        this.pieces = new Pieces(dayId!, this.type!, duration, audio, () => void this.failed());
      }
      this.begin(url, this.pieces?.url);
    }
    audio.currentTime = seconds;
    this.pieces?.want(seconds);
  }

  /** Set the source: `url` is its address on the server, `src` the address that the element plays. */
  private begin(url: string, src = url): void {
    const audio = this.element();
    this.url = url;
    // Nothing is fetched before somebody wants to listen; from then on the element may read without playing.
    audio.preload = "auto";
    audio.src = src;
    this.set({ loading: true });
  }

  private readonly frame = (): void => {
    if (!this.audio || this.audio.paused) return;
    this.moved();
    const { stopAt } = this.state;
    if (stopAt !== null && this.at >= stopAt) {
      this.set({ stopAt: null });
      this.audio.pause();
      this.at = stopAt;
      this.tell();
      return;
    }
    const next = this.wanted && stopAt === null ? skipTo(this.wanted, this.at) : null;
    if (next === Number.POSITIVE_INFINITY) this.audio.pause();
    else if (next !== null) this.seek(next);
    requestAnimationFrame(this.frame);
  };

  private moved(): void {
    this.at = this.base + this.audio!.currentTime;
    this.tell();
  }

  private ended(): void {
    this.moved();
    if (this.state.source === "clips" && this.clipEnd < this.state.duration - 0.5)
      void this.play(this.clipEnd, this.state.stopAt);
    else this.set({ playing: false, stopAt: null });
  }

  /** Ask the server why the sound does not load; the error of the element does not tell. */
  private async failed(): Promise<void> {
    if (!this.audio?.src || this.url === null) return;
    const { url, at } = this;
    const { source, playing, loading, stopAt } = this.state;
    this.unload();
    if (source === "local") {
      this.set({ source: "none", reason: "decode" });
      return;
    }
    let reason = "decode";
    try {
      const answer = await fetch(url, { headers: { Range: "bytes=0-1" }, credentials: "same-origin" });
      if (answer.ok) {
        await answer.body?.cancel();
        if (source === "pieces") {
          // The file is there and its pieces do not play here: the server cuts clips of it.
          this.set({ source: "clips" });
          if (playing || loading) void this.play(at, stopAt);
          return;
        }
      } else {
        const body = (await answer.json()) as { error?: { code?: string; details?: { reason?: string } } };
        reason = body.error?.details?.reason ?? body.error?.code ?? "recording_gone";
        if (answer.status === 404 || answer.status === 405) reason = "no_recording";
      }
    } catch {
      reason = "offline";
    }
    this.set({ source: "none", reason });
  }

  private handset(): void {
    if (!("mediaSession" in navigator)) return;
    const on = (action: MediaSessionAction, handler: () => void) =>
      navigator.mediaSession.setActionHandler(action, handler);
    on("play", () => void this.play());
    on("pause", () => this.pause());
    on("seekbackward", () => this.by(-10));
    on("seekforward", () => this.by(10));
  }

  private jumped(to: number): void {
    for (const jumper of this.jumpers) jumper(to);
  }

  private tell(): void {
    for (const mover of this.movers) mover(this.at);
  }

  private set(part: Partial<PlayerState>): void {
    const next = { ...this.state, ...part };
    if ((Object.keys(part) as (keyof PlayerState)[]).every((name) => this.state[name] === next[name])) return;
    this.state = next;
    if ("title" in part && "mediaSession" in navigator) {
      navigator.mediaSession.metadata = new MediaMetadata({ title: next.title, artist: "Dayline" });
    }
    for (const listener of this.listeners) listener();
  }
}

function sourceOf(audio: AudioState, isMock: boolean): { source: Source; reason: string | null } {
  if (isMock) return { source: "none", reason: "mock" };
  if (!audio.playable) return { source: "none", reason: audio.reason ?? "recording_gone" };
  if (audio.browser === "clip_only") return { source: "clips", reason: null };
  if (audio.seek === "approximate") return { source: pieceType(audio) ? "pieces" : "clips", reason: null };
  return { source: "stream", reason: null };
}

export const player = new Player();

export function usePlayer<T>(select: (state: PlayerState) => T): T {
  return useSyncExternalStore(player.subscribe, () => select(player.get()));
}
