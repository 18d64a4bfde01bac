// Submits a recorded day, waits for it, and prints every conversation with its score.
//
//   DAYLINE_URL=http://127.0.0.1:8400 DAYLINE_KEY=pk_sandbox_... node examples/typescript/day.mts [recording_url]
//
// Node 22.18 or newer runs TypeScript as it is; 22.6 and later with --experimental-strip-types.

import { ApiError, Dayline } from "./dayline.mts";

const url = process.env.DAYLINE_URL;
const key = process.env.DAYLINE_KEY;
if (!url || !key) throw new Error("set DAYLINE_URL and DAYLINE_KEY");

const clock = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);

try {
  const dayline = new Dayline(url, key);
  const { id } = await dayline.submit({
    org_id: "acme-doors",
    rep_id: "dana",
    recording_url: process.argv[2] ?? "mock://three-conversations",
  });
  const session = await dayline.wait(id);
  if (session.status === "failed") {
    console.error(`failed: ${session.error?.code}`);
    process.exitCode = 1;
  } else {
    console.log(`completed: ${session.segments_detected} conversations`);
    for (const segment of session.segments) {
      if (segment.analysis_id === null) continue;
      const { analysis } = await dayline.analysis(segment.analysis_id);
      const where = `${clock(segment.start_seconds)} to ${clock(segment.end_seconds)}`;
      console.log(`${where}: ${analysis?.recording_title}, ${analysis?.overall_score} of 100, ${analysis?.outcome}`);
    }
  }
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  console.error(`refused: ${error.message}`);
  process.exitCode = 2;
}
