import { w } from "../words";
import { activeBindings, type Group, useKeysEnabled } from "./keys";
import { Dialog } from "./parts";

const SHOWN: Record<string, string> = {
  "Shift+g": "G",
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
                      <kbd key={key}>{SHOWN[key] ?? key}</kbd>
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
