import { useOrgs } from "./queries";

/** The org's time zone, in which its days are shown; null while it is not known: then the visitor's own. */
export function useZone(org: string): string | null {
  return useOrgs().data?.data.find((row) => row.org_id === org)?.timezone ?? null;
}
