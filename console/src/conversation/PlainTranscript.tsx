import { memo, useEffect, useRef } from "react";
import type { Transcript } from "../api/types";
import { speakerName } from "../day/speakers";
import { player } from "../player/store";
import { spanAt } from "../timeline/model";
import { w } from "../words";
import type { Clock } from "../words/format";

/** The whole conversation as plain text in the page: for reading, for the browser's own search, for print. */
export const PlainTranscript = memo(function PlainTranscript(props: {
  transcript: Transcript;
  clock: Clock;
  names: Record<string, string>;
}) {
  const { transcript, clock, names } = props;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    let last = -2;
    return player.onMove((seconds) => {
      const now = spanAt(transcript.utterances, seconds);
      if (now === last) return;
      list.current?.children[last]?.classList.remove("spoken");
      list.current?.children[now]?.classList.add("spoken");
      last = now;
    });
  }, [transcript]);
  return (
    <section className="stack">
      <h2>{w.conversation.transcript}</h2>
      <ol ref={list} className="plain">
        {transcript.utterances.map((utterance, index) => {
          const name = speakerName(utterance.speaker, names);
          const isNew = transcript.utterances[index - 1]?.speaker !== utterance.speaker;
          return (
            <li key={utterance.start} className="plain-row">
              <button
                type="button"
                className="time num tiny"
                aria-label={`${clock.long(utterance.start)}, ${name}`}
                onClick={() => void player.play(utterance.start)}
              >
                {clock.long(utterance.start)}
              </button>
              <p dir="auto">
                {isNew && name && <strong>{name}: </strong>}
                {utterance.text}
              </p>
            </li>
          );
        })}
      </ol>
    </section>
  );
});
