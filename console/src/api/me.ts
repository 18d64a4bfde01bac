/** Who is signed in: all that the frame of the console needs to know. */

import { queryOptions } from "@tanstack/react-query";
import { api, type Schema } from "./typed";
import type { Me } from "./types";

const ROLES = ["operator", "coach", "rep", "viewer"] as const;

function meOf(value: Schema<"Me">): Me {
  return {
    partner: value.partner && { id: value.partner.id, name: value.partner.name },
    key: value.key,
    environment: value.environment,
    role: ROLES.find((role) => role === value.role) ?? null,
    name: value.name,
    server: {
      version: value.server.version,
      transcriber: value.server.transcriber,
      analyst: value.server.analyst,
      isDemoQuality: value.server.is_demo_quality,
    },
    maxUploadBytes: value.limits.max_upload_bytes,
    orgs: value.limits.org_ids,
    rep: value.limits.rep_id,
  };
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => meOf(await api.get("/v1/me", { signal })),
  staleTime: 60_000,
  retry: false,
});
