import { useState } from "react";
import type { DayFilters } from "../api/queries";
import { useOrgs, useReps } from "../api/queries";
import { w } from "../words";

const STORED = "dayline.filters";
type Saved = Record<string, DayFilters>;

function readSaved(): Saved {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "{}") as Saved;
  } catch {
    return {};
  }
}

export function Filters({ filters, onChange }: { filters: DayFilters; onChange: (filters: DayFilters) => void }) {
  const orgs = useOrgs();
  const reps = useReps(filters.org ?? "");
  const [saved, setSaved] = useState(readSaved);
  const [name, setName] = useState("");
  const keep = (next: Saved) => {
    localStorage.setItem(STORED, JSON.stringify(next));
    setSaved(next);
  };
  const set = (part: DayFilters) => onChange({ ...filters, ...part });
  const isFiltered = Object.values(filters).some(Boolean);
  const statuses = Object.keys(w.status).filter((value) => value !== "cancelled") as (keyof typeof w.status)[];
  // On a phone the days come first, and the filters are folded.
  const [isOpen, setOpen] = useState(() => isFiltered || matchMedia("(min-width: 641px)").matches);
  return (
    <details className="filters-fold" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{w.days.filters}</summary>
      <form className="filters" aria-label={w.days.filters} onSubmit={(event) => event.preventDefault()}>
        <label className="field">
          {w.days.org}
          <select
            value={filters.org ?? ""}
            onChange={(event) => set({ org: event.target.value || undefined, rep: undefined })}
          >
            <option value="">{w.common.all}</option>
            {names(
              orgs.data?.data.map((row) => row.org_id),
              filters.org,
            ).map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
        </label>
        <label className="field">
          {w.days.rep}
          <select
            disabled={!filters.org}
            value={filters.rep ?? ""}
            onChange={(event) => set({ rep: event.target.value || undefined })}
          >
            <option value="">{w.common.all}</option>
            {names(
              reps.data?.data.map((row) => row.rep_id),
              filters.rep,
            ).map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
        </label>
        <label className="field">
          {w.days.status}
          <select value={filters.status ?? ""} onChange={(event) => set({ status: event.target.value || undefined })}>
            <option value="">{w.common.all}</option>
            {statuses.map((value) => (
              <option key={value} value={value}>
                {w.status[value]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          {w.days.from}
          <input
            type="date"
            value={filters.from ?? ""}
            onChange={(event) => set({ from: event.target.value || undefined })}
          />
        </label>
        <label className="field">
          {w.days.to}
          <input
            type="date"
            value={filters.to ?? ""}
            onChange={(event) => set({ to: event.target.value || undefined })}
          />
        </label>
        {isFiltered && (
          <>
            <button type="button" className="button" onClick={() => onChange({})}>
              {w.days.clear}
            </button>
            <details>
              <summary>{w.days.saveFilter}</summary>
              <div className="row">
                <input
                  className="input"
                  aria-label={w.days.filterName}
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
                <button
                  type="button"
                  className="button"
                  disabled={!name.trim()}
                  onClick={() => {
                    keep({ ...saved, [name.trim()]: filters });
                    setName("");
                  }}
                >
                  {w.common.save}
                </button>
              </div>
            </details>
          </>
        )}
        {Object.keys(saved).length > 0 && (
          <fieldset className="saved row wrap" aria-label={w.days.saved}>
            {Object.entries(saved).map(([title, value]) => (
              <span key={title} className="row" style={{ gap: 0 }}>
                <button type="button" className="button" onClick={() => onChange(value)}>
                  {title}
                </button>
                <button
                  type="button"
                  className="button quiet icon"
                  aria-label={w.days.remove(title)}
                  onClick={() => keep(Object.fromEntries(Object.entries(saved).filter(([key]) => key !== title)))}
                >
                  ×
                </button>
              </span>
            ))}
          </fieldset>
        )}
      </form>
    </details>
  );
}

/** Names of a list, with the chosen one in it even where the list does not hold it. */
function names(found: string[] = [], chosen: string | undefined): string[] {
  return chosen && !found.includes(chosen) ? [chosen, ...found] : found;
}
