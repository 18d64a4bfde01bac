/** Keys of the console. Views register what a key does while they are shown; `?` lists it all. */

import { useEffect, useRef, useSyncExternalStore } from "react";

export type Group = "play" | "move" | "edit" | "go";

export interface Binding {
  /** As in KeyboardEvent.key, "Ctrl+Enter", or two keys one after the other: "g d". */
  keys: string[];
  group: Group;
  text: string;
  run: () => void;
}

const stacks: (() => Binding[])[] = [];
const STORED = "dayline.keys";
const listeners = new Set<() => void>();
let enabled = localStorage.getItem(STORED) !== "off";

export function setKeysEnabled(on: boolean): void {
  enabled = on;
  localStorage.setItem(STORED, on ? "on" : "off");
  for (const listener of listeners) listener();
}

export function useKeysEnabled(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => enabled,
  );
}

/** Let these keys act while the component is mounted. */
export function useKeys(bindings: Binding[]): void {
  const current = useRef(bindings);
  current.current = bindings;
  useEffect(() => {
    const read = () => current.current;
    stacks.push(read);
    return () => {
      stacks.splice(stacks.indexOf(read), 1);
    };
  }, []);
}

/** Everything that a key does now, for the sheet of keys. */
export const activeBindings = (): Binding[] => stacks.flatMap((read) => read());

function nameOf(event: KeyboardEvent): string {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  // The shift is part of the character itself for signs such as < and {.
  if (event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key))) parts.push("Shift");
  if (event.altKey) parts.push("Alt");
  return [...parts, key].join("+");
}

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=range]),textarea,select,[contenteditable=true]";
let prefix: { key: string; at: number } | null = null;
const PREFIX_MS = 1200;

function handle(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("dialog, [role=menu]")) return;
  const name = nameOf(event);
  if (target?.matches(TYPING)) return;
  const single = !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1;
  if (single && !enabled && name !== "?") return;
  // Space and Enter on a control belong to the control, and so do arrows on sliders and tabs.
  if ((name === "Space" || name === "Enter") && target?.matches("button,a,summary,input,[role=slider]")) return;
  if (
    /^(Shift\+)?(Arrow|Home|End|Page)/.test(name) &&
    target?.matches("[role=slider],input,[data-arrows],[data-arrows] *")
  )
    return;
  const sequence = prefix && event.timeStamp - prefix.at < PREFIX_MS ? `${prefix.key} ${name}` : null;
  prefix = null;
  const all = activeBindings().reverse();
  const found =
    (sequence && all.find((binding) => binding.keys.includes(sequence))) ||
    all.find((binding) => binding.keys.includes(name));
  if (found) {
    event.preventDefault();
    found.run();
  } else if (all.some((binding) => binding.keys.some((keys) => keys.startsWith(`${name} `)))) {
    prefix = { key: name, at: event.timeStamp };
  }
}

/** Listen once for the whole page. Returns a function that ends this. */
export function listenForKeys(): () => void {
  document.addEventListener("keydown", handle);
  return () => document.removeEventListener("keydown", handle);
}
