/** Light, dark, or as the system has it. */

import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const STORED = "dayline.theme";
const listeners = new Set<() => void>();
const media = matchMedia("(prefers-color-scheme: dark)");
let theme: Theme = readStored();
/** Counts changes of colours, so that canvases draw again. */
let version = 0;

function readStored(): Theme {
  const value = localStorage.getItem(STORED);
  return value === "light" || value === "dark" ? value : "system";
}

function changed(): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  version += 1;
  for (const listener of listeners) listener();
}

export function setTheme(next: Theme): void {
  theme = next;
  if (next === "system") localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, next);
  changed();
}

media.addEventListener("change", changed);
matchMedia("(forced-colors: active)").addEventListener("change", changed);
changed();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => theme);
export const useColoursVersion = (): number => useSyncExternalStore(subscribe, () => version);
