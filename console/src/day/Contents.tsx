import type { Segment } from "../api/types";
import { player } from "../player/store";
import { w } from "../words";
import { type Clock, duration } from "../words/format";

/** The conversations of the day as a table of contents beside its transcript. */
export function Contents({ segments, clock }: { segments: readonly Segment[]; clock: Clock }) {
  return (
    <nav className="contents" aria-label={w.day.contents}>
      <h2>{w.day.conversations}</h2>
      {segments.length === 0 && <p className="small second">{w.day.noVisits}.</p>}
      <ol>
        {segments.map((part) => (
          <li key={part.id}>
            <button type="button" className="contents-item" onClick={() => player.seek(part.start)}>
              <span dir="auto">
                {part.index + 1}. {part.title ?? w.day.untitled(part.index + 1)}
              </span>
              <span className="tiny second num">
                {clock.short(part.start)} · {duration(part.end - part.start)}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
