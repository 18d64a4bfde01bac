import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { waveformQuery } from "../api/queries";
import { covers, pyramid, spanOf, type View } from "../timeline/model";

const OVERVIEW_POINTS = 4000;
const DETAIL_POINTS = 3000;

/**
 * Peaks for what is shown: the whole day once, finer ones for the part in view after it has come to rest.
 *
 * `query` is the question for the whole day; its data are null where the day has no waveform.
 */
export function useTower(id: string, view: View, duration: number, enabled: boolean) {
  const whole = useQuery({ ...waveformQuery(id, null, null, OVERVIEW_POINTS), enabled });
  const [rest, setRest] = useState<View | null>(null);
  const isNear = whole.data !== null && spanOf(view) < duration / 3;
  useEffect(() => {
    if (!isNear) return;
    const timer = setTimeout(() => {
      // Whole steps of the view's length, so that small moves ask for nothing new.
      const step = 2 ** Math.ceil(Math.log2(spanOf(view)));
      const start = Math.max(0, Math.floor(view.start / step) * step);
      setRest({ start, end: Math.min(duration, start + 2 * step) });
    }, 150);
    return () => clearTimeout(timer);
  }, [isNear, view, duration]);
  const detail = useQuery({
    ...waveformQuery(id, rest?.start ?? 0, rest?.end ?? 0, DETAIL_POINTS),
    enabled: enabled && isNear && rest !== null && Boolean(whole.data),
  });
  const coarse = useMemo(
    () => (whole.data?.peaks.length ? pyramid(whole.data.peaks, whole.data.pointSeconds) : null),
    [whole.data],
  );
  const fine = useMemo(
    () => (detail.data?.peaks.length ? pyramid(detail.data.peaks, detail.data.pointSeconds, detail.data.start) : null),
    [detail.data],
  );
  return { tower: fine && isNear && covers(fine, view) ? fine : coarse, query: whole };
}
