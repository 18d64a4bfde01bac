/** When an audio element is at the second that it was told to go to. */

const NEWS = ["loadedmetadata", "seeked", "emptied", "error"];

/**
 * Wait until a file is open and its element at the wanted second, or until the place is `wanted` no longer.
 *
 * Chromium opens a file at its beginning and seeks afterwards: an element told to play before that can sound the
 * beginning of the recording for a moment.
 */
export async function untilAtPlace(audio: HTMLAudioElement, wanted: () => boolean): Promise<void> {
  while (wanted() && (audio.readyState < HTMLMediaElement.HAVE_METADATA || audio.seeking)) await news(audio);
}

function news(audio: HTMLAudioElement): Promise<void> {
  return new Promise((resolve) => {
    const told = new AbortController();
    const tell = () => {
      told.abort();
      resolve();
    };
    for (const name of NEWS) audio.addEventListener(name, tell, { signal: told.signal });
  });
}
