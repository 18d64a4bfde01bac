import type { Result } from "../api/types";
import { w } from "../words";
import { duration, percent } from "../words/format";

/** What was counted. Without voices most of it is not known, and is said so; it is never shown as 0. */
export function Facts({ result, hasVoices }: { result: Result; hasVoices: boolean }) {
  const names = w.conversation.metrics;
  const missing = hasVoices ? w.conversation.notKnown : w.conversation.withoutVoices;
  const rows: [string, string | null][] = [
    [names.talkRatio, result.talkRatio === null ? null : percent(result.talkRatio)],
    [names.longest, result.longestMonologueSeconds === null ? null : duration(result.longestMonologueSeconds)],
    [names.interactivity, result.interactivity === null ? null : result.interactivity.toFixed(1)],
    [names.patience, result.patienceSeconds === null ? null : `${result.patienceSeconds.toFixed(1)} s`],
    [names.questions, result.questions === null ? null : String(result.questions)],
    [names.fillers, result.fillers === null ? null : String(result.fillers)],
    [names.pace, result.wordsPerMinute === null ? null : String(Math.round(result.wordsPerMinute))],
  ];
  return (
    <section className="panel stack">
      <h2>{w.conversation.talk}</h2>
      <dl className="metrics">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt className="tiny second">{name}</dt>
            <dd className={value === null ? "small second" : "num metric"}>{value ?? missing}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
