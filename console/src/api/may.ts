import { useQuery } from "@tanstack/react-query";
import { meQuery } from "./me";
import type { Role } from "./types";

/** What a role may do. The server decides; this hides the buttons whose calls it would refuse. */
export interface May {
  submit: boolean;
  correct: boolean;
  note: boolean;
  share: boolean;
  remove: boolean;
  readPlaybooks: boolean;
  writePlaybooks: boolean;
  operate: boolean;
}

const ALL: May = {
  submit: true,
  correct: true,
  note: true,
  share: true,
  remove: true,
  readPlaybooks: true,
  writePlaybooks: true,
  operate: true,
};
const ROLES: Record<Role, May> = {
  operator: ALL,
  coach: { ...ALL, operate: false },
  rep: { ...ALL, operate: false, share: false, remove: false, writePlaybooks: false },
  viewer: {
    submit: false,
    correct: false,
    note: false,
    share: false,
    remove: false,
    readPlaybooks: false,
    writePlaybooks: false,
    operate: false,
  },
};

/** A caller without a role is a key, which may do everything of its partner. */
export const mayOf = (role: Role | null): May => (role === null ? ALL : ROLES[role]);

export function useMay(): May {
  const me = useQuery(meQuery);
  return mayOf(me.data?.role ?? null);
}
