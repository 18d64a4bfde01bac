import { quoteRange } from "../player/quotes";
import { player } from "../player/store";
import { w } from "../words";
import type { Clock } from "../words/format";

/** A quote that plays: from two seconds before its start, to its end. */
export function QuoteButton(props: { quote: string; start: number; end: number; clock: Clock; duration: number }) {
  const { quote, start, end, clock, duration } = props;
  return (
    <button
      type="button"
      className="quote"
      onClick={() => {
        const range = quoteRange({ start, end }, duration);
        void player.play(range.start, range.end);
      }}
    >
      <span className="num tiny quote-time">
        <span aria-hidden="true">▶ </span>
        <span className="sr">{w.player.play} </span>
        {clock.long(start)}
      </span>
      <q dir="auto">{quote}</q>
    </button>
  );
}
