/** Calls whose paths, parameters, bodies and answers are those of the API's OpenAPI document. */

import type { PathsWithMethod, SuccessResponseJSON } from "openapi-typescript-helpers";
import { address, call, type Query } from "./client";
import type { components, paths } from "./schema";

/** A named type of the document: `Schema<"SessionShown">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

type Method = "get" | "post" | "put" | "patch" | "delete";
export type PathOf<M extends Method> = PathsWithMethod<paths, M>;
// biome-ignore lint/suspicious/noExplicitAny: the form that the types of openapi-typescript-helpers ask for
type Operation<P extends keyof paths, M extends Method> = paths[P][M] extends infer O extends Record<string, any>
  ? O
  : never;

type PathPart<O> = O extends { parameters: { path: infer Values extends object } } ? { path: Values } : unknown;
type QueryPart<O> = O extends { parameters: { query: infer Values extends object } }
  ? { query: Values }
  : O extends { parameters: { query?: infer Values } }
    ? { query?: Values }
    : unknown;
type BodyPart<O> = O extends { requestBody: { content: { "application/json": infer Body } } }
  ? { body: Body }
  : O extends { requestBody?: { content: { "application/json": infer Body } } }
    ? { body?: Body }
    : unknown;

/** What a call takes: path and query parameters, the body, and a signal that ends it. */
export type Init<P extends keyof paths, M extends Method> = PathPart<Operation<P, M>> &
  QueryPart<Operation<P, M>> &
  BodyPart<Operation<P, M>> & { signal?: AbortSignal };
type Given<P extends keyof paths, M extends Method> =
  Record<never, never> extends Init<P, M> ? [init?: Init<P, M>] : [init: Init<P, M>];
/** What a call answers; null where the operation answers without a body. */
export type Answer<P extends keyof paths, M extends Method> = [SuccessResponseJSON<Operation<P, M>>] extends [never]
  ? null
  : SuccessResponseJSON<Operation<P, M>>;

interface Parts {
  path?: Record<string, string | number>;
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

function fill(path: string, values: Record<string, string | number> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

const operation =
  <M extends Method>(method: M) =>
  <P extends PathOf<M>>(path: P, ...[init]: Given<P, M>): Promise<Answer<P, M>> => {
    const { path: values, ...rest } = (init ?? {}) as Parts;
    return call(method.toUpperCase(), fill(path, values), rest);
  };

/** One function per method: `api.get("/v1/analyses/{analysis_id}", { path: { analysis_id } })`. Throws ApiError. */
export const api = {
  get: operation("get"),
  post: operation("post"),
  put: operation("put"),
  patch: operation("patch"),
  remove: operation("delete"),
};

/** The address of something that the browser loads itself, as sound and event streams. */
export function addressOf<P extends PathOf<"get">>(path: P, init: Omit<Init<P, "get">, "signal">): string {
  const { path: values, query } = init as Parts;
  return address(fill(path, values), query);
}
