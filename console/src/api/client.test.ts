import { afterEach, expect, test, vi } from "vitest";
import { call, onUnauthorised } from "./client";

afterEach(() => vi.unstubAllGlobals());

const refusal = () => new Response(JSON.stringify({ error: { code: "unauthorized", message: "no" } }), { status: 401 });

/** Answer each path when it is told to. */
function server() {
  const waiting = new Map<string, (answer: Response) => void>();
  vi.stubGlobal("fetch", (url: string) => new Promise<Response>((done) => waiting.set(url, done)));
  return async (path: string, answer: Response) => {
    await vi.waitFor(() => expect(waiting.has(path)).toBe(true));
    waiting.get(path)?.(answer);
    waiting.delete(path);
  };
}

test("a refused call asks for a sign-in", async () => {
  const answer = server();
  const asked = vi.fn();
  const stop = onUnauthorised(asked);
  const read = call("POST", "/v1/things").catch(() => null);
  await answer("/v1/things", refusal());
  await read;
  expect(asked).toHaveBeenCalledTimes(1);
  stop();
});

test("a refusal that comes after a new sign-in asks for none", async () => {
  const answer = server();
  const asked = vi.fn();
  const stop = onUnauthorised(asked);
  const late = call("POST", "/v1/things").catch(() => null);
  const signIn = call("POST", "/v1/console/session");
  await answer("/v1/console/session", new Response("{}", { status: 201 }));
  await signIn;
  await answer("/v1/things", refusal());
  await late;
  expect(asked).not.toHaveBeenCalled();
  const next = call("POST", "/v1/others").catch(() => null);
  await answer("/v1/others", refusal());
  await next;
  expect(asked).toHaveBeenCalledTimes(1);
  stop();
});
