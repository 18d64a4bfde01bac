/** Whether a recording was ever opened on this page: the player's code is loaded then, and not before. */

import { useSyncExternalStore } from "react";

let isOpened = false;
const listeners = new Set<() => void>();

export function setOpened(): void {
  isOpened = true;
  for (const listener of listeners) listener();
}

export function useOpened(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isOpened,
  );
}
