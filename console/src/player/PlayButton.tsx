import { w } from "../words";
import type { Clock } from "../words/format";
import { player } from "./store";

/** The time of a place in the recording, as a button that plays from there. */
export function PlayButton(props: {
  at: number;
  clock: Clock;
  /** What is heard there, for screen readers; the time itself where nothing is said. */
  about?: string;
  /** How long before the place to begin. */
  leadSeconds?: number;
  isShort?: boolean;
  isInText?: boolean;
}) {
  const { at, clock, about, leadSeconds = 0, isShort = false, isInText = false } = props;
  return (
    <button
      type="button"
      className={isInText ? "inline-link num" : "time num tiny"}
      aria-label={w.common.play(about ?? clock.long(at))}
      onClick={() => void player.play(Math.max(0, at - leadSeconds))}
    >
      {isShort ? clock.short(at) : clock.long(at)}
    </button>
  );
}

/** A text in pieces, whose numbers are places in the recording that play. */
export function WithPlaces({ pieces, clock }: { pieces: (string | number)[]; clock: Clock }) {
  return pieces.map((piece, index) =>
    typeof piece === "string" ? piece : <PlayButton key={index} at={piece} clock={clock} isInText />,
  );
}
