import { useState } from "react";
import { Confirm, Dialog } from "../../ui/parts";
import { w } from "../../words";
import { duration, offset } from "../../words/format";
import type { DayState } from "./commands";
import type { Draft } from "./useDraft";

/** What is about to be saved and what that will do, with undo, redo, save. */
export function EditBar({ draft }: { draft: Draft }) {
  const [asks, setAsks] = useState(false);
  const { effect, dryRun, commands } = draft;
  const again = dryRun ? dryRun.reanalyze.length : effect.again.length;
  const names = effect.again.map((part) => part.title ?? w.day.untitled(part.index + 1)).join(", ");
  return (
    <section className="edit-bar no-print" aria-label={w.edit.bar}>
      <div className="grow" role="status">
        <strong>{w.edit.changes(commands.length)}</strong>
        {commands.length > 0 && (
          <span title={names} data-testid="effect">
            {" · "}
            {w.edit.again(again)}
            {!dryRun && ` (${w.edit.estimate})`}
            {effect.kept.length > 0 && ` · ${w.edit.keeps(effect.kept.length)}`}
          </span>
        )}
      </div>
      <button type="button" className="button" disabled={!draft.canUndo} title="Ctrl+Z" onClick={draft.undo}>
        {w.edit.undo}
      </button>
      <button type="button" className="button" disabled={!draft.canRedo} title="Ctrl+Shift+Z" onClick={draft.redo}>
        {w.edit.redo}
      </button>
      <button type="button" className="button" onClick={() => (commands.length > 0 ? setAsks(true) : draft.leave())}>
        {commands.length > 0 ? w.edit.discard : w.edit.leave}
      </button>
      <button
        type="button"
        className="button primary"
        disabled={commands.length === 0 || draft.isSaving}
        title="Ctrl+Enter"
        onClick={() => void draft.save()}
      >
        {w.edit.save}
      </button>
      <Confirm
        text={w.edit.discardSure}
        action={w.edit.discard}
        open={asks}
        onClose={() => setAsks(false)}
        onYes={draft.discard}
      />
      <Stale draft={draft} />
    </section>
  );
}

function Stale({ draft }: { draft: Draft }) {
  const [isClosed, setClosed] = useState<Draft["stale"]>(null);
  const stale = draft.stale;
  if (!stale || isClosed === stale) return null;
  return (
    <Dialog title={w.edit.stale} open onClose={() => setClosed(stale)}>
      <p>{w.edit.staleText}</p>
      <div className="stale">
        <Versions title={w.edit.theirs} state={stale.base} />
        <Versions title={w.edit.mine} state={stale.mine} />
      </div>
      <div className="row wrap" style={{ justifyContent: "flex-end" }}>
        <button type="button" className="button" onClick={draft.takeTheirs}>
          {w.edit.drop}
        </button>
        <button type="button" className="button primary" onClick={draft.putOnTop}>
          {w.edit.rebase}
        </button>
      </div>
    </Dialog>
  );
}

function Versions({ title, state }: { title: string; state: DayState }) {
  return (
    <section className="stack">
      <h3>{title}</h3>
      <ol className="stack small num">
        {state.segments.map((part) => (
          <li key={part.id}>
            {part.index + 1}. {offset(part.start, true)}–{offset(part.end, true)}, {duration(part.end - part.start)}
            <br />
            <span className="second">{part.title ?? w.day.untitled(part.index + 1)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
