import type { Result } from "../api/types";
import type { Span } from "../timeline/model";
import type { Clock } from "../words/format";

/** The result of an analysis, and what turns its seconds into times that play. */
export interface PlacedResult {
  result: Result;
  clock: Clock;
  /** Length of the recording in seconds. */
  duration: number;
  /** The conversation, in seconds of the recording. */
  span: Span;
}
