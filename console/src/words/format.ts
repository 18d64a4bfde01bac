/** Times, durations and numbers for people. Locale from the browser, time zone from the org where it is known. */

const locale = (): string => navigator.language || "en";

const pad = (value: number): string => String(Math.floor(value)).padStart(2, "0");

/** Offset in a recording: "2:14:03", or with tenths "2:14:03.2". Truncated, as times in the API's sentences are. */
export function offset(seconds: number, tenths = false): string {
  const whole = tenths ? Math.round(seconds * 10) / 10 : Math.floor(seconds + 1e-6);
  const hours = Math.floor(whole / 3600);
  const base = `${hours}:${pad((whole % 3600) / 60)}:${pad(whole % 60)}`;
  return tenths ? `${base}.${Math.round((whole * 10) % 10)}` : base;
}

/** Read "8043.2", "2:14:03" or "14:03" as seconds; null for anything else. */
export function parseOffset(value: string): number | null {
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const parts = /^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(text);
  if (!parts) return null;
  return Number(parts[1] ?? 0) * 3600 + Number(parts[2]) * 60 + Number(parts[3]);
}

/** Time of day of a second of the recording, or its offset where the start of recording is not known. */
export class Clock {
  readonly isWallClock: boolean;
  private readonly startMs: number;
  private readonly minutes: Intl.DateTimeFormat;
  private readonly seconds: Intl.DateTimeFormat;

  constructor(recordedAt: string | null, timezone: string | null = null) {
    const ms = recordedAt === null ? Number.NaN : Date.parse(recordedAt);
    this.isWallClock = Number.isFinite(ms);
    this.startMs = this.isWallClock ? ms : 0;
    const zone = timezone ?? undefined;
    this.minutes = new Intl.DateTimeFormat(locale(), { hour: "numeric", minute: "2-digit", timeZone: zone });
    this.seconds = new Intl.DateTimeFormat(locale(), {
      hour: "numeric",
      minute: "2-digit",
      second: "2-digit",
      timeZone: zone,
    });
  }

  /** "10:32" or, without a known start, "0:14:30". */
  short(seconds: number): string {
    return this.isWallClock ? this.minutes.format(this.startMs + seconds * 1000) : offset(seconds);
  }

  /** "10:32:07" or, without a known start, "0:14:30". */
  long(seconds: number): string {
    return this.isWallClock ? this.seconds.format(this.startMs + seconds * 1000) : offset(seconds);
  }

  /** Seconds by which round clock times differ from round offsets: where the ruler's marks begin. */
  get phaseSeconds(): number {
    if (!this.isWallClock) return 0;
    const date = new Date(this.startMs);
    return date.getUTCMinutes() * 60 + date.getUTCSeconds() + date.getUTCMilliseconds() / 1000;
  }
}

/** "32 min", "1 h 04 min", "45 s". */
export function duration(seconds: number): string {
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** The same in words for screen readers: "2 hours 14 minutes". */
export function spokenDuration(seconds: number): string {
  const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  if (seconds < 60) return plural(Math.round(seconds), "second");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = Math.floor(seconds % 60);
  return [
    hours ? plural(hours, "hour") : "",
    minutes ? plural(minutes, "minute") : "",
    rest && !hours ? plural(rest, "second") : "",
  ]
    .filter(Boolean)
    .join(" ");
}

export function date(iso: string, timezone: string | null = null): string {
  const ms = Date.parse(iso);
  if (!Number.isFinite(ms)) return "";
  return new Intl.DateTimeFormat(locale(), {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: timezone ?? undefined,
  }).format(ms);
}

export function dateTime(iso: string | null, timezone: string | null = null): string {
  const ms = iso === null ? Number.NaN : Date.parse(iso);
  if (!Number.isFinite(ms)) return "";
  return new Intl.DateTimeFormat(locale(), {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: timezone ?? undefined,
  }).format(ms);
}

/** A detector is never certain: .996 would be rounded to 100 %. */
const MOST_SURE = 0.99;

/** A confidence, at most 99 %. */
export const sureness = (confidence: number): string => percent(Math.min(confidence, MOST_SURE));

export const percent = (share: number): string => `${Math.round(share * 100)}\u202f%`;

export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function plural(count: number, one: string, many: string): string {
  return `${new Intl.NumberFormat(locale()).format(count)} ${count === 1 ? one : many}`;
}
