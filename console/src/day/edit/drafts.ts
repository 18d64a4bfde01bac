/** Unsaved corrections, kept in the browser's IndexedDB until they are saved or discarded. */

import type { Command } from "./commands";

export interface StoredDraft {
  revision: number;
  commands: Command[];
}

const STORE = "drafts";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("dayline", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    const database = await open();
    return await new Promise<T>((resolve, reject) => {
      const request = work(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      request.transaction!.oncomplete = () => database.close();
    });
  } catch {
    // Private windows may refuse a database; corrections then live as long as the page.
    return undefined;
  }
}

export const readDraft = (dayId: string): Promise<StoredDraft | undefined> =>
  run<StoredDraft>("readonly", (store) => store.get(dayId) as IDBRequest<StoredDraft>);

export async function writeDraft(dayId: string, draft: StoredDraft | null): Promise<void> {
  await run("readwrite", (store) => (draft ? store.put(draft, dayId) : store.delete(dayId)) as IDBRequest<unknown>);
}
