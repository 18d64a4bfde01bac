import { usePlaybooks } from "../api/queries";
import { w } from "../words";

/** The choices of a `<select>` for the playbook that an analysis follows: the org's default, then each one. */
export function PlaybookOptions({ org }: { org: string }) {
  const playbooks = usePlaybooks(org);
  return (
    <>
      <option value="">{w.conversation.playbookDefault}</option>
      {playbooks.data?.data.map((entry) => (
        <option key={entry.id} value={entry.id}>
          {entry.name ?? entry.id}
        </option>
      ))}
    </>
  );
}
