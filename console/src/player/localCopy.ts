/** A copy of the recording on the visitor's computer: compared by length, played by the browser, sent nowhere. */

export const TOLERANCE_SECONDS = 0.5;

/** Return an address to play the file by, or the length that does not fit (null: the browser cannot read it). */
export async function openLocalCopy(
  file: File,
  duration: number,
): Promise<{ url: string } | { seconds: number | null }> {
  const url = URL.createObjectURL(file);
  const seconds = await lengthOf(url);
  if (seconds !== null && Math.abs(seconds - duration) <= TOLERANCE_SECONDS) return { url };
  URL.revokeObjectURL(url);
  return { seconds };
}

function lengthOf(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = new Audio();
    probe.preload = "metadata";
    probe.addEventListener("error", () => resolve(null));
    probe.addEventListener("loadedmetadata", () => {
      if (Number.isFinite(probe.duration)) {
        resolve(probe.duration);
        return;
      }
      // Streams without a length in their head tell it once the end was sought.
      probe.addEventListener("durationchange", () => {
        if (Number.isFinite(probe.duration)) resolve(probe.duration);
      });
      probe.currentTime = Number.MAX_SAFE_INTEGER;
    });
    probe.src = url;
  });
}
