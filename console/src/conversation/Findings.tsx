import type { ReactNode } from "react";
import { Timed } from "../ui/Timed";
import { w } from "../words";
import type { PlacedResult } from "./place";
import { QuoteButton } from "./QuoteButton";

/** Objections, next steps, offers, playbook, own questions, action plan: each with the words that show it. */
export function Findings({ result, clock, duration, span }: PlacedResult) {
  const place = { clock, duration };
  const within = { clock, from: span.start, to: span.end };
  return (
    <div className="findings">
      <Part title={w.conversation.objections} items={result.objections.length}>
        {result.objections.map((entry) => (
          <li key={entry.start} className="stack">
            <span className="row wrap small">
              <strong>{w.conversation.kinds[entry.kind] ?? entry.kind}</strong>
              {entry.handled !== null && (
                <span className="badge">{entry.handled ? w.conversation.handled : w.conversation.notHandled}</span>
              )}
            </span>
            <QuoteButton quote={entry.quote} start={entry.start} end={entry.end} {...place} />
            {entry.response !== null && entry.responseStart !== null ? (
              <div className="answer">
                <span className="tiny second">{w.conversation.answer}</span>
                <QuoteButton
                  quote={entry.response}
                  start={entry.responseStart}
                  end={entry.responseStart + 10}
                  {...place}
                />
              </div>
            ) : (
              <span className="small second">{w.conversation.noAnswer}</span>
            )}
          </li>
        ))}
      </Part>
      <Part title={w.conversation.steps} items={result.nextSteps.length}>
        {result.nextSteps.map((entry) => (
          <li key={`${entry.start} ${entry.action}`} className="stack">
            <span className="small">
              {entry.owner && <strong>{w.conversation.owner[entry.owner] ?? entry.owner}</strong>}
              {entry.when && <span> · {entry.when}</span>}
              {entry.action !== entry.quote && <span> · {entry.action}</span>}
            </span>
            <QuoteButton quote={entry.quote} start={entry.start} end={entry.end} {...place} />
          </li>
        ))}
      </Part>
      <Part title={w.conversation.offers} items={result.offers.length}>
        {result.offers.map((entry) => (
          <li key={`${entry.start} ${entry.what}`} className="stack">
            <span className="small">
              <strong className="num">{money(entry.amount, entry.currency)}</strong>
              {entry.period && <span> {w.conversation.per(entry.period)}</span>}
              {entry.what && <span> · {entry.what}</span>}
            </span>
            <QuoteButton quote={entry.quote} start={entry.start} end={entry.end} {...place} />
          </li>
        ))}
      </Part>
      <Part title={w.conversation.playbook} items={result.playbookPoints.length}>
        {result.playbookPoints.map((entry) => (
          <li key={entry.text} className="stack">
            <span className="small row wrap" dir="auto">
              <span className="badge">
                {entry.covered === "yes"
                  ? `✓ ${w.conversation.touched}`
                  : entry.covered === "no"
                    ? `– ${w.conversation.missed}`
                    : `? ${w.conversation.unclear}`}
              </span>
              {entry.text}
            </span>
            {entry.quote && entry.start !== null && (
              <QuoteButton quote={entry.quote} start={entry.start} end={entry.end ?? entry.start + 8} {...place} />
            )}
          </li>
        ))}
      </Part>
      <Part title={w.conversation.prompts} items={result.promptAnswers.length}>
        {result.promptAnswers.map((entry) => (
          <li key={entry.title} className="stack">
            <strong className="small" dir="auto">
              {entry.title}
            </strong>
            <span dir="auto">{entry.answerable && entry.answer ? entry.answer : w.conversation.notAnswerable}</span>
            {entry.evidence.map((quote) => (
              <QuoteButton key={quote.start} quote={quote.quote} start={quote.start} end={quote.end} {...place} />
            ))}
          </li>
        ))}
      </Part>
      {(result.organizationSummary || result.organizationFeedback) && result.promptAnswers.length === 0 && (
        <Part title={w.conversation.prompts} items={1}>
          <li className="pre" dir="auto">
            {[result.organizationSummary, result.organizationFeedback].filter(Boolean).join("\n\n")}
          </li>
        </Part>
      )}
      {(result.actionPlan.implementation || result.actionPlan.improvement) && (
        <Part title={w.conversation.plan} items={1}>
          {result.actionPlan.implementation && (
            <li className="small" dir="auto">
              <strong>{w.conversation.keep}:</strong> <Timed text={result.actionPlan.implementation} {...within} />
            </li>
          )}
          {result.actionPlan.improvement && (
            <li className="small" dir="auto">
              <strong>{w.conversation.improve}:</strong> <Timed text={result.actionPlan.improvement} {...within} />
            </li>
          )}
          {result.actionPlan.principle && (
            <li className="small" dir="auto">
              <strong>{w.conversation.principle}:</strong> {result.actionPlan.principle}
            </li>
          )}
        </Part>
      )}
    </div>
  );
}

function Part({ title, items, children }: { title: string; items: number; children: ReactNode }) {
  if (items === 0) return null;
  return (
    <section className="panel stack">
      <h2>{title}</h2>
      <ul className="stack loose">{children}</ul>
    </section>
  );
}

function money(amount: number, currency: string | null): string {
  if (!currency) return String(amount);
  try {
    return new Intl.NumberFormat(undefined, { style: "currency", currency, maximumFractionDigits: 2 }).format(amount);
  } catch {
    return `${amount} ${currency}`;
  }
}
