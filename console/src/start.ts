/** The first module of the page: what a view needs is asked for before React and the view are there. */

import { askEarly } from "./api/early";

const view = location.pathname.slice(import.meta.env.BASE_URL.length);
if (view !== "sign-in") askEarly("/v1/me");
const id = /^days\/([^/]+)$/.exec(view)?.[1];
if (id) {
  // The router imports it again, and reports where that fails.
  import("./day/DayPage").catch(() => undefined);
  const day = `/v1/all-day-sessions/${id}`;
  askEarly(day)
    // A body can be read once, so a copy is made before the page has the answer.
    .then((answer) => answer.clone().json())
    .then(({ status }) => {
      // As in `api/queries.ts`. For a day that is still processed, the page needs other parts.
      if (status !== "completed") return;
      for (const part of ["transcript?words=false", "timeline", "waveform?points=4000"]) askEarly(`${day}/${part}`);
    })
    .catch(() => undefined);
}
