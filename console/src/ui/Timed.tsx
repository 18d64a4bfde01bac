import { WithPlaces } from "../player/PlayButton";
import { type Clock, parseOffset } from "../words/format";

const TIMES = /(\(\d{1,2}:\d{2}(?::\d{2})?\))/;

/** Which pieces of a text name a second of the recording: "(3:57)", inside of `from` to `to`. No DOM. */
export function pieces(text: string, from: number, to: number): (string | number)[] {
  return text.split(TIMES).flatMap((piece): (string | number)[] => {
    const at = TIMES.test(piece) ? parseOffset(piece.slice(1, -1)) : null;
    // Outside of what the text is about it is no place in the recording: somebody's words, or a time of day.
    if (at === null || at < from - 1 || at > to + 1) return piece === "" ? [] : [piece];
    return [at];
  });
}

/** A text in which every place that it names in brackets plays. */
export function Timed({ text, clock, from, to }: { text: string; clock: Clock; from: number; to: number }) {
  return <WithPlaces pieces={pieces(text, from, to)} clock={clock} />;
}
