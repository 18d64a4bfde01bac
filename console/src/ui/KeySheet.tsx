import { w } from "../words";
import { activeBindings, type Group, useKeysEnabled } from "./keys";
import { Dialog } from "./parts";

/** A key as it is printed on keyboards: "g d" as G D, "Ctrl+z" as Ctrl+Z; a capital letter needs Shift. */
function shown(key: string): string {
  if (SHOWN[key]) return SHOWN[key];
  if (/^[A-Z]$/.test(key)) return `Shift ${key}`;
  return key.replace(/(?<=^|[ +])[a-z](?=$| )/g, (letter) => letter.toUpperCase());
}

const SHOWN: Record<string, string> = {
  PageUp: "Page up",
  PageDown: "Page down",
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  "Shift+ArrowLeft": "Shift ←",
  "Shift+ArrowRight": "Shift →",
};

/** Every key that acts on this page. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  const enabled = useKeysEnabled();
  const bindings = activeBindings();
  return (
    <Dialog title={w.keys.title} open onClose={onClose}>
      {!enabled && <p className="banner warn">{w.keys.off}</p>}
      {(Object.keys(w.keys.groups) as Group[]).map((group) => {
        const rows = bindings.filter((binding) => binding.group === group);
        if (rows.length === 0) return null;
        return (
          <section key={group} className="stack">
            <h3>{w.keys.groups[group]}</h3>
            <dl className="key-list">
              {rows.map((binding) => (
                <div key={binding.keys.join()} className="row spread">
                  <dd>{binding.text}</dd>
                  <dt className="row">
                    {binding.keys.map((key) => (
                      <kbd key={key}>{shown(key)}</kbd>
                    ))}
                  </dt>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
      <button type="button" className="button" onClick={onClose}>
        {w.common.close}
      </button>
    </Dialog>
  );
}
