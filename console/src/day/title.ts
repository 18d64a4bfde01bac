import type { Day } from "../api/types";
import { w } from "../words";
import { date, dateTime } from "../words/format";

type Known = Pick<Day, "recordedAt" | "createdAt" | "rep">;

/** The date of a day, or when it was submitted where nobody knows when it was recorded. */
export const dateOf = (day: Omit<Known, "rep">, timezone: string | null = null): string =>
  day.recordedAt ? date(day.recordedAt, timezone) : w.days.submitted(dateTime(day.createdAt, timezone));

/** The date and whose day it is. */
export const titleOf = (day: Known, timezone: string | null = null): string => `${dateOf(day, timezone)}, ${day.rep}`;
