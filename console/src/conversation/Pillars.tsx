import { type Evidence, PILLARS, type Pillar } from "../api/types";
import { Timed } from "../ui/Timed";
import { w } from "../words";
import type { PlacedResult } from "./place";
import { QuoteButton } from "./QuoteButton";

const NEUTRAL = 50;

/** The six pillars as bars. A pillar opens to show what it is made of, each part with the words that show it. */
export function Pillars({ result, clock, duration, span }: PlacedResult) {
  return (
    <section className="panel stack scores" aria-label={w.conversation.scores}>
      <div className="row spread">
        <h2>{w.conversation.scores}</h2>
        {result.overall !== null && (
          <span className="overall num">
            <span className="second small">{w.conversation.overall} </span>
            <strong>{result.overall}</strong>
            <span className="second small"> / 100</span>
          </span>
        )}
      </div>
      {PILLARS.map((pillar) => (
        <PillarBox
          key={pillar}
          pillar={pillar}
          result={result}
          evidence={result.evidence.filter((entry) => entry.about === pillar)}
          clock={clock}
          duration={duration}
          span={span}
        />
      ))}
    </section>
  );
}

function PillarBox(props: PlacedResult & { pillar: Pillar; evidence: Evidence[] }) {
  const { pillar, result, evidence, clock, duration, span } = props;
  const place = { clock, from: span.start, to: span.end };
  const score = result.scores[pillar];
  const feedback = result.feedback[pillar];
  const name = w.pillars[pillar];
  const isNeutral = score === NEUTRAL && evidence.length === 0;
  const components = Map.groupBy(evidence, (entry) => entry.component ?? entry.claim);
  return (
    <div className="pillar">
      <div className="row spread">
        <h3>{name}</h3>
        {score === null ? (
          <span className="second small">{w.conversation.notKnown}</span>
        ) : (
          <strong className="num">{score}</strong>
        )}
      </div>
      {score !== null && (
        <span
          className="score-bar"
          data-hollow={isNeutral || undefined}
          role="img"
          aria-label={`${name}: ${isNeutral ? w.conversation.nothing : w.conversation.ofHundred(score)}`}
        >
          <span style={{ inlineSize: `${score}%` }} />
        </span>
      )}
      {isNeutral && <p className="tiny second">{w.conversation.nothing}</p>}
      {feedback.positive && (
        <p className="small" dir="auto">
          <strong>{w.conversation.strong}:</strong> <Timed text={feedback.positive} {...place} />
        </p>
      )}
      {feedback.negative && (
        <p className="small" dir="auto">
          <strong>{w.conversation.better}:</strong> <Timed text={feedback.negative} {...place} />
        </p>
      )}
      {components.size > 0 && (
        <details>
          <summary className="small">{w.conversation.pillarWhy(name)}</summary>
          <ul className="stack components">
            {[...components].map(([component, quotes]) => (
              <li key={component} className="stack">
                <span className="small row spread">
                  <span className="component">{component}</span>
                  {quotes[0]?.points != null && (
                    <span className="num second">
                      {quotes[0].points > 0 ? `+${quotes[0].points}` : quotes[0].points}
                    </span>
                  )}
                </span>
                {quotes.map((entry) => (
                  <QuoteButton
                    key={`${entry.start} ${entry.quote}`}
                    quote={entry.quote}
                    start={entry.start}
                    end={entry.end}
                    clock={clock}
                    duration={duration}
                  />
                ))}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
