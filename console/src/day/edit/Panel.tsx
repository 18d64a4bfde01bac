import { useEffect, useState } from "react";
import type { Segment } from "../../api/types";
import { player } from "../../player/store";
import type { Span } from "../../timeline/model";
import { w } from "../../words";
import { type Clock, offset, parseOffset } from "../../words/format";
import type { Draft } from "./useDraft";

const STEPS = [-10, -1, 1, 10];
const LABEL_NAMES = [w.labels.internal, w.labels.personal, w.labels.broadcast, w.labels.other_speech];

/** Every correction as a field or a button: for the keyboard, for touch, and for whoever prefers numbers to dragging. */
export function EditPanel(props: {
  draft: Draft;
  selectedId: string | null;
  selection: Span | null;
  clock: Clock;
  onSelect: (part: Segment) => void;
}) {
  const { draft, selection } = props;
  const segments = draft.state?.segments ?? [];
  const part = segments.find((entry) => entry.id === props.selectedId);
  return (
    <section className="edit-panel panel stack" aria-label={w.edit.title}>
      <div className="row wrap">
        <label className="row small pick">
          <span className="second">{w.edit.title}</span>
          <select
            className="input"
            value={part?.id ?? ""}
            onChange={(event) => {
              const chosen = segments.find((entry) => entry.id === event.target.value);
              if (chosen) props.onSelect(chosen);
            }}
          >
            <option value="" disabled>
              {w.day.conversations}
            </option>
            {segments.map((entry) => (
              <option key={entry.id} value={entry.id}>
                {entry.index + 1}. {entry.title ?? w.day.untitled(entry.index + 1)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="button" title="S" onClick={() => draft.split(player.position)}>
          {w.edit.splitHere}
        </button>
        {part && (
          <>
            <button
              type="button"
              className="button"
              title="M"
              disabled={part.index === segments.length - 1}
              onClick={() => draft.mergeNext(part.id)}
            >
              {w.edit.mergeNext}
            </button>
            <button type="button" className="button" title="X" onClick={() => draft.remove(part.id)}>
              {w.edit.notConversation}
            </button>
          </>
        )}
        <button
          type="button"
          className="button"
          title="A"
          disabled={!selection}
          onClick={() => selection && draft.add(selection)}
        >
          {w.edit.add}
        </button>
        {(part || selection) && (
          <fieldset className="row wrap labels">
            <legend className="sr">{selection ? w.edit.labelSelection : w.edit.label}</legend>
            <span className="small second" aria-hidden="true">
              {selection ? w.edit.labelSelection : w.edit.label}
            </span>
            {LABEL_NAMES.map((name, index) => (
              <button
                key={name}
                type="button"
                className="button"
                title={String(index + 1)}
                onClick={() => draft.label(index, part?.id ?? null, selection)}
              >
                {name}
              </button>
            ))}
          </fieldset>
        )}
      </div>
      {part ? (
        <div className="row wrap borders">
          <Border draft={draft} id={part.id} side="start" at={part.start} />
          <Border draft={draft} id={part.id} side="end" at={part.end} />
        </div>
      ) : (
        <p className="small second">{w.edit.pick}</p>
      )}
    </section>
  );
}

function Border({ draft, id, side, at }: { draft: Draft; id: string; side: "start" | "end"; at: number }) {
  const shown = offset(at, true);
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown]);
  const take = () => {
    const seconds = parseOffset(text);
    if (seconds === null || shown === text) setText(shown);
    else draft.border(id, side, seconds);
  };
  const name = side === "start" ? w.edit.startLabel : w.edit.endLabel;
  return (
    <fieldset className="row wrap border">
      <legend className="sr">{name}</legend>
      <label className="row small">
        <span className="border-name">{name}</span>
        <input
          className="input num time-field"
          value={text}
          inputMode="decimal"
          onChange={(event) => setText(event.target.value)}
          onBlur={take}
          onKeyDown={(event) => {
            if (event.key === "Enter") take();
          }}
        />
      </label>
      {STEPS.map((step) => (
        <button
          key={step}
          type="button"
          className="button num"
          aria-label={`${name}: ${step < 0 ? w.edit.earlier(`${-step} s`) : w.edit.later(`${step} s`)}`}
          onClick={() => draft.border(id, side, at + step)}
        >
          {step > 0 ? `+${step}` : `−${-step}`} s
        </button>
      ))}
      <button
        type="button"
        className="button"
        title={side === "start" ? "I" : "O"}
        onClick={() => draft.border(id, side, player.position)}
      >
        {side === "start" ? w.edit.startHere : w.edit.endHere}
      </button>
    </fieldset>
  );
}
