/** Server-sent events. The browser reconnects by itself and names the last event that it has seen. */

const NAMED = [
  "all_day_session.processing_started",
  "all_day_session.detected",
  "all_day_session.completed",
  "all_day_session.failed",
  "all_day_session.corrected",
  "analysis.completed",
  "analysis.failed",
];
const AGAIN_MS = 5_000;

export interface Listeners {
  /** The stage and the share that is done have changed. */
  progress?: (data: unknown) => void;
  /** Something has happened that webhooks carry too. */
  news: () => void;
  /** The server has sent its last event. */
  end?: () => void;
}

/** Listen to a stream until it ends. Returns a function that stops it. */
export function follow(url: string, listeners: Listeners): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(url);
    source.addEventListener("progress", (event) => listeners.progress?.(JSON.parse(event.data)));
    for (const name of NAMED) source.addEventListener(name, listeners.news);
    source.addEventListener("end", () => {
      source.close();
      listeners.end?.();
    });
    source.addEventListener("error", () => {
      // A refusal closes the stream for good, unlike a cut connection: as when too many streams are open.
      if (source.readyState !== EventSource.CLOSED) return;
      listeners.news();
      timer = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
