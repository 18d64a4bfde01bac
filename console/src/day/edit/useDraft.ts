import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import { dayQuery } from "../../api/queries";
import type { Day, Interval } from "../../api/types";
import type { Span } from "../../timeline/model";
import { announce, toast } from "../../ui/parts";
import { w } from "../../words";
import {
  apply,
  applyAll,
  type Command,
  clampBorder,
  type DayState,
  type Effect,
  effectOf,
  type OtherLabel,
  push,
  Refused,
  type RelabelKind,
  rebase,
  stateOf,
  toChanges,
} from "./commands";
import { readDraft, writeDraft } from "./drafts";
import { askEffect, type DryRun, restoreRevision, saveChanges } from "./save";

const LABELS: OtherLabel[] = ["internal", "personal", "broadcast", "other_speech"];
const KINDS: RelabelKind[] = ["internal", "personal", "broadcast", "unknown"];
const DRY_RUN_PAUSE_MS = 350;

export interface Draft {
  isOpen: boolean;
  isSaving: boolean;
  state: DayState | null;
  commands: readonly Command[];
  effect: Effect;
  /** The server's own answer to what saving will do; null while it is not known. */
  dryRun: DryRun | null;
  canUndo: boolean;
  canRedo: boolean;
  /** Somebody else saved meanwhile: the day as it is now, beside the draft. */
  stale: { base: DayState; mine: DayState } | null;
  open: () => void;
  leave: () => void;
  discard: () => void;
  undo: () => void;
  redo: () => void;
  save: () => Promise<void>;
  border: (id: string, side: "start" | "end", seconds: number) => void;
  title: (id: string, title: string) => void;
  split: (seconds: number) => void;
  mergeNext: (id: string) => void;
  add: (span: Span) => boolean;
  remove: (id: string) => void;
  label: (index: number, id: string | null, selection: Span | null) => void;
  takeTheirs: () => void;
  putOnTop: () => void;
}

/** Corrections of one day before they are saved: a list of commands on top of what the server has. */
export function useDraft(day: Day, intervals: readonly Interval[], duration: number): Draft {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [isWanted, setWanted] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const [commands, setCommands] = useState<readonly Command[]>([]);
  const [undone, setUndone] = useState<readonly Command[]>([]);
  /** The day that the commands were made on. */
  const [base, setBase] = useState<{ revision: number; state: DayState } | null>(null);
  const [dryRun, setDryRun] = useState<DryRun | null>(null);
  const current = useMemo(() => stateOf(duration, day.segments, intervals), [duration, day.segments, intervals]);
  const ready = intervals.length > 0 && day.status === "completed";
  const start = base?.state ?? current;
  const state = useMemo(() => (isOpen ? applySafely(start, commands) : null), [isOpen, start, commands]);
  const counter = useRef(0);
  const newId = () => `new-${Date.now()}-${counter.current++}`;

  useEffect(() => {
    if (!ready || base) return;
    let isGone = false;
    void readDraft(day.id).then((stored) => {
      if (isGone || !stored || stored.commands.length === 0) return;
      // A draft made on an older revision is applied to the present one; corrections that do not fit are reported.
      const { commands: kept, dropped } = rebase(current, stored.commands);
      setBase({ revision: day.revision, state: current });
      setCommands(kept);
      setOpen(true);
      toast(dropped > 0 ? w.edit.rebaseDropped(dropped) : w.edit.restoredDraft);
    });
    return () => {
      isGone = true;
    };
  }, [ready, base, day.id, day.revision, current]);

  useEffect(() => {
    if (!base) return;
    void writeDraft(day.id, commands.length > 0 ? { revision: base.revision, commands: [...commands] } : null);
  }, [base, commands, day.id]);

  const changes = useMemo(
    () => (base && commands.length > 0 ? toChanges(base.state, commands) : null),
    [base, commands],
  );
  useEffect(() => {
    setDryRun(null);
    if (!changes || !base) return;
    let isGone = false;
    const timer = setTimeout(() => {
      askEffect(day.id, base.revision, changes)
        .then((answer) => {
          if (!isGone) setDryRun(answer);
        })
        // The preview failed or the revision is old. Saving reports it; until then the page's own count is shown.
        .catch((error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
        });
    }, DRY_RUN_PAUSE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [changes, base, day.id]);

  const open = useCallback(() => {
    if (day.status !== "completed") {
      toast(w.edit.notYet);
      return;
    }
    // Asked for before the timeline has arrived: opened as soon as it has.
    setWanted(!ready);
    if (!ready) return;
    setBase((now) => now ?? { revision: day.revision, state: current });
    setOpen(true);
  }, [ready, day.status, day.revision, current]);
  useEffect(() => {
    if (isWanted && ready) open();
  }, [isWanted, ready, open]);

  const reset = useCallback(() => {
    setCommands([]);
    setUndone([]);
    setBase(null);
    setDryRun(null);
    void writeDraft(day.id, null);
  }, [day.id]);

  const attempt = (command: Command): boolean => {
    const from = base?.state ?? current;
    try {
      apply(applyAll(from, commands), command);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      toast(error.message);
      return false;
    }
    if (!base) setBase({ revision: day.revision, state: current });
    setCommands((now) => push(now, command));
    setUndone([]);
    return true;
  };

  const undo = () => {
    const last = commands[commands.length - 1];
    if (!last) return;
    setCommands(commands.slice(0, -1));
    setUndone([...undone, last]);
  };
  const redo = () => {
    const last = undone[undone.length - 1];
    if (!last) return;
    setCommands([...commands, last]);
    setUndone(undone.slice(0, -1));
  };

  const refresh = async () => {
    await client.invalidateQueries({ queryKey: ["analyses", day.id] });
    await client.invalidateQueries({ queryKey: ["days"] });
  };

  const save = async () => {
    if (!base || !changes || isSaving) return;
    setSaving(true);
    try {
      const saved = await saveChanges(day.id, base.revision, changes);
      const before = base.revision;
      reset();
      setOpen(false);
      client.setQueryData(dayQuery(day.id).queryKey, saved);
      await refresh();
      announce(w.edit.saved);
      toast(w.edit.saved, {
        label: w.common.undo,
        run: () =>
          void restoreRevision(saved, before)
            .then(() => client.invalidateQueries())
            .catch((error: unknown) => {
              if (!(error instanceof ApiError)) throw error;
              toast(error.message);
            }),
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 409) await client.invalidateQueries({ queryKey: ["day", day.id] });
      if (error.status !== 409 && error.status !== 401) toast(error.message);
    } finally {
      setSaving(false);
    }
  };

  const isStale = base !== null && commands.length > 0 && day.revision !== base.revision && intervals.length > 0;
  const stale = useMemo(
    () => (isStale && base ? { base: current, mine: applySafely(base.state, commands) } : null),
    [isStale, base, current, commands],
  );

  return {
    isOpen,
    isSaving,
    state,
    commands,
    effect: state ? effectOf(state) : { again: [], kept: [] },
    dryRun,
    canUndo: commands.length > 0,
    canRedo: undone.length > 0,
    stale,
    open,
    leave: () => {
      setOpen(false);
      if (commands.length === 0) reset();
    },
    discard: () => {
      reset();
      setOpen(false);
    },
    undo,
    redo,
    save,
    border: (id, side, seconds) => {
      if (!state) return;
      const at = clampBorder(state, id, side, seconds);
      attempt({ op: "adjust", id, [side]: at });
    },
    title: (id, title) => void attempt({ op: "adjust", id, title }),
    split: (seconds) => {
      const own = state?.segments.find((part) => part.start < seconds && part.end > seconds);
      if (own) attempt({ op: "split", id: own.id, at: seconds, newId: newId() });
      else toast(w.edit.pick);
    },
    mergeNext: (id) => {
      const index = state?.segments.findIndex((part) => part.id === id) ?? -1;
      const next = state?.segments[index + 1];
      if (index < 0 || !next) toast(w.edit.pick);
      else attempt({ op: "merge", ids: [id, next.id] });
    },
    add: (span) => attempt({ op: "add", start: span.start, end: span.end, newId: newId() }),
    remove: (id) => void attempt({ op: "remove", id }),
    label: (index, id, selection) => {
      if (selection) attempt({ op: "label", start: selection.start, end: selection.end, label: LABELS[index]! });
      else if (id) attempt({ op: "relabel", id, kind: KINDS[index]! });
      else toast(w.edit.selectFirst);
    },
    takeTheirs: () => {
      reset();
      setOpen(false);
    },
    putOnTop: () => {
      const { commands: kept, dropped } = rebase(current, commands);
      setBase({ revision: day.revision, state: current });
      setCommands(kept);
      setUndone([]);
      if (dropped > 0) toast(w.edit.rebaseDropped(dropped));
    },
  };
}

function applySafely(state: DayState, commands: readonly Command[]): DayState {
  return applyAll(state, rebase(state, commands).commands);
}
