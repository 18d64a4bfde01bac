// Receives webhooks, verifies every one of them, and prints what happened. No dependencies.
//
//   DAYLINE_WEBHOOK_SECRET=whsec_... node examples/typescript/receiver.mts [port]
//
// In production this stands behind HTTPS, and puts events in a queue of its own: an answer must come within 30 seconds.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

const TOLERANCE_SECONDS = 300;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const secret = process.env.DAYLINE_WEBHOOK_SECRET;
if (!secret) throw new Error("set DAYLINE_WEBHOOK_SECRET");
const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");

/** Verifies by Standard Webhooks: one good signature of the list is enough, old deliveries are refused. */
function isGenuine(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const id = String(headers["webhook-id"] ?? "");
  const moment = String(headers["webhook-timestamp"] ?? "");
  if (!/^\d+$/.test(moment) || Math.abs(Date.now() / 1000 - Number(moment)) > TOLERANCE_SECONDS) return false;
  const digest = createHmac("sha256", key).update(`${id}.${moment}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${digest}`);
  // While a secret is being changed there are two signatures, one of each secret.
  return String(headers["webhook-signature"] ?? "")
    .split(" ")
    .map((one) => Buffer.from(one))
    .some((one) => one.length === expected.length && timingSafeEqual(one, expected));
}

const seen = new Set<string>(); // delivery is at least once; a database in real life

const server = createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > MAX_BODY_BYTES) return response.writeHead(413).end();
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  const id = String(request.headers["webhook-id"]);
  if (!seen.has(id)) {
    seen.add(id);
    const event = JSON.parse(body.toString("utf8")) as { type: string; data: { id?: string } };
    console.log(event.type, event.data.id ?? "");
  }
  response.writeHead(204).end();
});

server.listen(Number(process.argv[2] ?? 8500), "127.0.0.1", () => {
  console.log(`receiving on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
