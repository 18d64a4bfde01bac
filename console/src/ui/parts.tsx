/** Small parts: dialog, menu, toast, live region, states. Native elements wherever there is one. */

import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { ApiError } from "../api/client";
import { w } from "../words";

export function Dialog(props: {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  modal?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (props.open && dialog && !dialog.open) {
      dialog.showModal();
      // Where the first button is the last line of a long text, the browser would begin at the end.
      dialog.scrollTop = 0;
    }
    if (!props.open && dialog?.open) dialog.close();
  }, [props.open]);
  if (!props.open) return null;
  return (
    <dialog ref={ref} className="dialog" aria-labelledby={id} onClose={props.onClose} onCancel={props.onClose}>
      <div className="stack loose">
        <h2 id={id}>{props.title}</h2>
        {props.children}
      </div>
    </dialog>
  );
}

/** Ask before something that cannot be undone. */
export function Confirm(props: {
  text: string;
  action: string;
  open: boolean;
  onClose: () => void;
  onYes: () => void;
}) {
  return (
    <Dialog title={props.action} open={props.open} onClose={props.onClose}>
      <p>{props.text}</p>
      <div className="row" style={{ justifyContent: "flex-end" }}>
        <button type="button" className="button" onClick={props.onClose}>
          {w.common.back}
        </button>
        <button
          type="button"
          className="button primary"
          onClick={() => {
            props.onClose();
            props.onYes();
          }}
        >
          {props.action}
        </button>
      </div>
    </Dialog>
  );
}

/** The items that are shown: some stand in the menu on narrow pages only. */
const itemsOf = (box: HTMLElement | null): HTMLElement[] =>
  [...(box?.querySelectorAll<HTMLElement>(".menu > [role^=menuitem]") ?? [])].filter(
    (item) => item.getClientRects().length > 0,
  );

/** A button with a menu after the APG pattern: arrows move, Escape and leaving close. Children are menu items. */
export function Menu(props: {
  label: ReactNode;
  name?: string;
  children: (close: () => void) => ReactNode;
  quiet?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [isAtStart, setAtStart] = useState(false);
  useLayoutEffect(() => {
    // It opens towards the inside of the page: a button at the left edge has no room to its left.
    if (open && menu.current && menu.current.getBoundingClientRect().left < 0) setAtStart(true);
  }, [open]);
  useEffect(() => {
    if (open) itemsOf(box.current)[0]?.focus();
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the menu inside
    <div
      className="menu-anchor"
      ref={box}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
      onKeyDown={(event) => {
        if (!open) return;
        const all = itemsOf(box.current);
        const at = all.indexOf(document.activeElement as HTMLElement);
        const go = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
        if (event.key === "Escape") close();
        else if (go !== undefined) all[(go + all.length) % all.length]?.focus();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <button
        type="button"
        ref={button}
        className={props.quiet ? "button quiet" : "button"}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {props.name && props.name !== props.label && <span className="sr">{props.name}: </span>}
        {props.label} <span aria-hidden="true">▾</span>
      </button>
      {open && (
        <div ref={menu} className="menu" data-start={isAtStart || undefined} role="menu" aria-label={props.name}>
          {props.children(close)}
        </div>
      )}
    </div>
  );
}

interface ToastEntry {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}
let toasts: ToastEntry[] = [];
let nextToast = 1;
const toastListeners = new Set<() => void>();
const tellToasts = () => {
  for (const listener of toastListeners) listener();
};

/**
 * Show a short message, for 6 seconds, or 20 with an action.
 *
 * No message is removed while the pointer or the focus is on the messages, so that its button can be pressed.
 */
export function toast(text: string, action?: ToastEntry["action"]): void {
  const id = nextToast++;
  toasts = [...toasts.slice(-2), { id, text, action }];
  tellToasts();
  setTimeout(() => dropWhenLeft(id), action ? 20_000 : 6_000);
}

const LEFT_POLL_MS = 1_000;

function dropWhenLeft(id: number): void {
  if (document.querySelector(".toasts:is(:hover, :focus-within)")) setTimeout(() => dropWhenLeft(id), LEFT_POLL_MS);
  else dropToast(id);
}

function dropToast(id: number): void {
  toasts = toasts.filter((entry) => entry.id !== id);
  tellToasts();
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      toastListeners.add(listener);
      return () => toastListeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((entry) => (
        <div className="toast" key={entry.id}>
          <span className="grow">{entry.text}</span>
          {entry.action && (
            <button
              type="button"
              onClick={() => {
                entry.action?.run();
                dropToast(entry.id);
              }}
            >
              {entry.action.label}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}

let announced = "";
let lastAt = 0;
let waiting: ReturnType<typeof setTimeout> | null = null;
const announceListeners = new Set<() => void>();
const ANNOUNCE_EVERY_MS = 10_000;

/** Say something to screen readers: at most one line per ten seconds, the newest wins. */
export function announce(text: string): void {
  const say = () => {
    announced = text;
    lastAt = performance.now();
    waiting = null;
    for (const listener of announceListeners) listener();
  };
  if (waiting) clearTimeout(waiting);
  const since = performance.now() - lastAt;
  if (lastAt === 0 || since > ANNOUNCE_EVERY_MS) say();
  else waiting = setTimeout(say, ANNOUNCE_EVERY_MS - since);
}

export function LiveRegion() {
  const text = useSyncExternalStore(
    (listener) => {
      announceListeners.add(listener);
      return () => announceListeners.delete(listener);
    },
    () => announced,
  );
  return (
    <div className="sr" role="log" aria-live="polite">
      {text}
    </div>
  );
}

/** Blocks of the final size while something loads. They are drawn after 300 ms, so that short waits do not flash. */
export function Skeleton({ height, count = 1 }: { height: number; count?: number }) {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setVisible(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="stack" role="status" aria-label={w.common.loading}>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className={visible ? "skeleton" : undefined} style={{ blockSize: height }} />
      ))}
    </div>
  );
}

/**
 * What a failed call means and what to do, in the API's own words.
 *
 * `title`: what the page can say of it. `isPage`: it stands in place of the whole page.
 */
export function Problem({
  title,
  error,
  isPage,
  onRetry,
}: {
  title?: string;
  error: Error;
  isPage?: boolean;
  onRetry?: () => void;
}) {
  const api = error instanceof ApiError ? error : null;
  const text = api?.code === "offline" ? w.common.offline : error.message;
  return (
    <div className="banner bad stack" role="alert">
      {isPage && <h1>{w.common.pageUnread}</h1>}
      {title && <strong>{title}</strong>}
      <p>{text}</p>
      <div className="row wrap small">
        {api && api.status > 0 && api.code !== "unexpected_answer" && (
          <a href={`/docs/errors/${api.code}`} target="_blank" rel="noreferrer">
            {w.common.whatToDo}
          </a>
        )}
        {api?.requestId && <span>{w.common.requestId(api.requestId)}</span>}
        {onRetry && (
          <button type="button" className="button" onClick={onRetry}>
            {w.common.retry}
          </button>
        )}
      </div>
    </div>
  );
}

/** A panel for an empty list or page. `isPage`: the page has no other heading. */
export function Empty({ title, children, isPage }: { title: string; children?: ReactNode; isPage?: boolean }) {
  return (
    <div className="panel stack" style={{ padding: 24 }}>
      {isPage ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  );
}

/** Copy text and say so. */
export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    toast(w.common.copyFailed);
  }
}

/** Offer a text as a file to download. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Set the page's title while a view is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · ${w.app.name}` : w.app.name;
  }, [title]);
}
