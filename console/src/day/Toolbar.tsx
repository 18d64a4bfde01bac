import { useId, useState } from "react";
import type { Day } from "../api/types";
import { player } from "../player/store";
import { reveal, type Span, spanOf, type View, viewOf, zoomAt } from "../timeline/model";
import { w } from "../words";
import { type Clock, offset, parseOffset, duration as spell } from "../words/format";
import type { Draft } from "./edit/useDraft";

/** Zoom, go to a time, and what is selected: buttons for everything that a pointer does on the canvas. */
export function Toolbar(props: {
  view: View;
  onView: (view: View) => void;
  duration: number;
  clock: Clock;
  selection: Span | null;
  onSelection: (selection: Span | null) => void;
  day: Day;
  draft: Draft;
}) {
  const { view, onView, duration, clock, selection } = props;
  const id = useId();
  const [time, setTime] = useState("");
  const [isBad, setBad] = useState(false);
  const centre = () => {
    const at = player.position;
    return at >= view.start && at <= view.end ? at : (view.start + view.end) / 2;
  };
  const goto = () => {
    const at = parseOffset(time);
    if (at === null || at > duration) {
      setBad(true);
      return;
    }
    setBad(false);
    player.seek(at);
    onView(reveal(view, duration, at));
  };
  return (
    <div className="toolbar no-print">
      <div className="row">
        <button
          type="button"
          className="button icon"
          aria-label={w.day.zoomOut}
          title={`${w.day.zoomOut} (−)`}
          disabled={spanOf(view) >= duration}
          onClick={() => onView(zoomAt(view, duration, 2, centre()))}
        >
          −
        </button>
        <button
          type="button"
          className="button icon"
          aria-label={w.day.zoomIn}
          title={`${w.day.zoomIn} (+)`}
          onClick={() => onView(zoomAt(view, duration, 0.5, centre()))}
        >
          +
        </button>
        <button
          type="button"
          className="button"
          title="0"
          disabled={spanOf(view) >= duration}
          onClick={() => onView({ start: 0, end: duration })}
        >
          {w.day.wholeDay}
        </button>
      </div>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          goto();
        }}
      >
        <label className="sr" htmlFor={id}>
          {w.day.goto}
        </label>
        <input
          id={id}
          data-goto
          className="input goto num"
          placeholder={offset(Math.min(duration, 8043))}
          title={w.day.gotoHint}
          value={time}
          aria-invalid={isBad}
          aria-describedby={isBad ? `${id}-bad` : undefined}
          onChange={(event) => setTime(event.target.value)}
        />
        <button type="submit" className="button">
          {w.day.goto}
        </button>
        {isBad && (
          <span id={`${id}-bad`} className="small bad-text" role="alert">
            {w.day.gotoBad}
          </span>
        )}
      </form>
      {selection && (
        <div className="row wrap selection">
          <span className="small num">
            {w.day.selection(
              clock.long(selection.start),
              clock.long(selection.end),
              spell(selection.end - selection.start),
            )}
          </span>
          <button type="button" className="button" onClick={() => void player.play(selection.start, selection.end)}>
            {w.day.playSelection}
          </button>
          <button type="button" className="button" title="Z" onClick={() => onView(viewOf(selection, duration))}>
            {w.day.zoomToSelection}
          </button>
          <button type="button" className="button quiet" onClick={() => props.onSelection(null)}>
            {w.day.clearSelection}
          </button>
        </div>
      )}
    </div>
  );
}
