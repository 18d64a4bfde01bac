/** Whether a recording was opened on this page. The player's code is loaded with the first one. */

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
