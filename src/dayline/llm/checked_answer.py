"""Check an answer of a language model against the lines that it cites, and keep what they support."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dayline.domain.analysis import (
    PILLARS,
    About,
    AnalysisTask,
    Assessment,
    Evidence,
    PillarFeedback,
    PlaybookPoint,
    PromptAnswer,
    StatedObjection,
    StatedOffer,
    StatedStep,
)
from dayline.domain.quotes import normalise
from dayline.domain.spoken_numbers import numbers_in
from dayline.llm.chat import Answer
from dayline.llm.lines import Citation, NumberedLines
from dayline.llm.schema import AssessmentAnswer, Cited, OutcomeKind, Statement
from dayline.llm.statement_checks import names_in, unsupported

LIMITS = (
    "Judged by a language model; every quote and every number, name and time was checked against the "
    "transcript by code."
)
_CURRENCY_WORDS = {
    "USD": {"dollar", "dollars", "buck", "bucks"},
    "GBP": {"pound", "pounds", "quid"},
    "EUR": {"euro", "euros"},
}
_ADVERBS = {"monthly": "month", "weekly": "week", "yearly": "year", "annually": "year", "daily": "day", "each": "each"}
_STEM_LETTERS = 4
_CURRENCY_SIGNS = {"USD": "$", "GBP": "£", "EUR": "€"}


class CheckedAnswer:
    """An answer checked against the lines: supported statements are kept, others are counted."""

    def __init__(
        self, answer: Answer[AssessmentAnswer], lines: NumberedLines, playbook: Sequence[str], task: AnalysisTask
    ) -> None:
        self._answer = answer
        self._output = answer.output
        self._lines = lines
        self._playbook = playbook
        self._task = task
        self._dropped = answer.output.misshapen

    def assessment(self) -> Assessment:
        """Return the supported statements."""
        output = self._output
        evidence = [e for p in PILLARS for e in self._evidence(f"{p}: cited by the model", output.pillar(p).cites, p)]
        outcome, shown = self._outcome()
        prompts = self._prompts()
        principle = output.principle
        double_down = self._statement(output.double_down)
        return Assessment(
            scores={p: output.pillar(p).score for p in PILLARS},
            feedback={p: self._feedback(p) for p in PILLARS},
            evidence=(*evidence, *shown),
            title=self._title(),
            prospect_name=self._name(),
            summary=" ".join(filter(None, (self._statement(s) for s in output.summary))) or None,
            double_down=double_down,
            double_down_implementation=self._plain(output.double_down_implementation) if double_down else None,
            general_improvement=self._statement(output.general_improvement),
            quoted_principle=self._playbook[principle - 1] if principle and principle <= len(self._playbook) else None,
            objections=self._objections(),
            next_steps=self._steps(),
            offers=self._offers(),
            outcome=outcome,
            playbook_points=self._points(),
            prompt_answers=prompts,
            prompt_summary=_prompt_summary(prompts),
            prompt_feedback="\n".join(f"{p.title}: {p.answer}" for p in prompts if p.answer) or None,
            method="language_model",
            limits=LIMITS,
            dropped=self._dropped,
            input_tokens=self._answer.input_tokens,
            output_tokens=self._answer.output_tokens,
            cost_usd=self._answer.cost_usd,
        )

    def _cite(self, cited: Cited | None, by_rep: bool | None = None) -> Citation | None:
        """Return where the words stand. With `by_rep`, None also where it is known that the other side said them."""
        found = self._lines.cite(cited.line, cited.words) if cited else None
        if found is not None and by_rep is not None and self._lines.is_rep(found.line) is (not by_rep):
            found = None
        if cited is not None and found is None:
            self._dropped += 1
        return found

    def _outcome(self) -> tuple[OutcomeKind, list[Evidence]]:
        """Return the outcome with the words that show it; unknown where none do."""
        kind = self._output.outcome
        if kind == "unknown":
            return kind, []
        place = self._cite(self._output.outcome_quote)
        if place is None:
            self._dropped += self._output.outcome_quote is None
            return "unknown", []
        quote = place.found
        claim = f"outcome: {kind.replace('_', ' ')}"
        return kind, [Evidence(claim, quote.quote, quote.start_seconds, quote.end_seconds, About("outcome", kind))]

    def _currency(self, code: str | None, line: int) -> str | None:
        """Return the currency if it is said in the line or in one beside it."""
        code = (code or "").upper()
        near = self._around(line)
        words = _CURRENCY_WORDS.get(code, set()) | {code.lower()}
        sign = _CURRENCY_SIGNS.get(code)
        is_said = any(words & set(normalise(text)) or (sign and sign in text) for text in near)
        return code if code and is_said else None

    def _period(self, given: str | None, line: int) -> str | None:
        """Return the unit of time or number that a price is for, if the line or one beside it says it of a price."""
        words = normalise(given or "")
        if not words:
            return None
        unit = _ADVERBS.get(words[-1], words[-1].removesuffix("s"))
        adverbs = "|".join(adverb for adverb, of in _ADVERBS.items() if of == unit) or unit
        is_said = re.compile(rf"\b(?:a|an|per|each|every)\s+{re.escape(unit)}\b|\b(?:{adverbs})\b")
        return unit if any(is_said.search(" ".join(normalise(text))) for text in self._around(line)) else None

    def _texts(self, cites: Sequence[Cited]) -> list[str]:
        """Return the lines that the valid citations stand on."""
        return [self._lines.said(c.line) for c in cites if self._lines.cite(c.line, c.words)]

    def _bears(self, text: str, cited: Sequence[str], known: Sequence[str] = ()) -> bool:
        if cited and not unsupported(text, cited, known):
            return True
        self._dropped += 1
        return False

    def _statement(self, statement: Statement | None) -> str | None:
        if statement is None or not statement.text.strip():
            return None
        return statement.text.strip() if self._bears(statement.text, self._texts(statement.cites)) else None

    def _plain(self, text: str | None) -> str | None:
        """Return a sentence without citations of its own, when it names no number, name or time at all."""
        if not text or not text.strip():
            return None
        if unsupported(text, [""]):
            self._dropped += 1
            return None
        return text.strip()

    def _evidence(self, claim: str, cites: Sequence[Cited], pillar: str) -> list[Evidence]:
        found = [c for c in (self._cite(cited) for cited in cites) if c is not None]
        about = About("pillar", pillar)
        return [Evidence(claim, c.found.quote, c.found.start_seconds, c.found.end_seconds, about) for c in found]

    def _feedback(self, pillar: str) -> PillarFeedback:
        answer = self._output.pillar(pillar)
        texts = self._texts(answer.cites)
        kept = [
            t.strip() if t and t.strip() and (self._bears(t, texts) if texts else self._plain(t)) else None
            for t in (answer.positive, answer.negative)
        ]
        return PillarFeedback(kept[0], kept[1])

    def _title(self) -> str:
        title = self._output.title.strip()
        everything = [self._lines.said(n) for n in self._lines.texts]
        said = {word[:_STEM_LETTERS] for text in everything for word in normalise(text)}
        is_about_it = any(w[:_STEM_LETTERS] in said for w in normalise(title) if len(w) >= _STEM_LETTERS)
        if title and not is_about_it:
            self._dropped += 1
            return "Conversation"
        return title if title and self._bears(title, everything) else "Conversation"

    def _name(self) -> str | None:
        name = (self._output.prospect_name or "").strip()
        if not name:
            return None
        if not names_in(f"with {name}"):
            # A role, such as the label of the speaker, is no name.
            self._dropped += 1
            return None
        return name if self._bears(f"with {name}", [self._lines.said(n) for n in self._lines.texts]) else None

    def _objections(self) -> tuple[StatedObjection, ...]:
        found: list[StatedObjection] = []
        for item in self._output.objections:
            place = self._cite(item.quote, by_rep=False)
            if place is None:
                continue
            response = self._cite(item.response, by_rep=True)
            quote = place.found
            found.append(
                StatedObjection(
                    item.kind,
                    quote.quote,
                    quote.start_seconds,
                    quote.end_seconds,
                    response.found.quote if response else None,
                    response.found.start_seconds if response else None,
                    item.handled if response else None,
                )
            )
        return tuple(found)

    def _steps(self) -> tuple[StatedStep, ...]:
        found: list[StatedStep] = []
        for item in self._output.next_steps:
            place = self._cite(item.quote)
            if place is None or not self._bears(f"{item.action} {item.when or ''}", self._around(place.line)):
                continue
            quote = place.found
            found.append(
                StatedStep(item.action, item.owner, item.when, quote.quote, quote.start_seconds, quote.end_seconds)
            )
        return tuple(found)

    def _offers(self) -> tuple[StatedOffer, ...]:
        found: list[StatedOffer] = []
        for item in self._output.offers:
            place = self._cite(item.quote, by_rep=True)
            if place is None:
                continue
            if item.amount not in numbers_in(self._lines.said(place.line)):
                self._dropped += 1
                continue
            quote = place.found
            found.append(
                StatedOffer(
                    item.what,
                    item.amount,
                    self._currency(item.currency, place.line),
                    self._period(item.period, place.line),
                    quote.quote,
                    quote.start_seconds,
                    quote.end_seconds,
                )
            )
        return tuple(found)

    def _around(self, line: int) -> list[str]:
        """Return a line with its neighbours: a step and its time are often said in question and answer."""
        return [text for n in (line - 1, line, line + 1) if (text := self._lines.said(n))]

    def _points(self) -> tuple[PlaybookPoint, ...]:
        answers = {a.number: a for a in self._output.playbook}
        found: list[PlaybookPoint] = []
        for number, text in enumerate(self._playbook, 1):
            answer = answers.get(number)
            place = self._cite(answer.quote) if answer else None
            if answer is None or (answer.covered == "yes" and place is None):
                found.append(PlaybookPoint(text, "unclear"))
            elif place is None:
                found.append(PlaybookPoint(text, answer.covered))
            else:
                quote = place.found
                found.append(PlaybookPoint(text, answer.covered, quote.quote, quote.start_seconds, quote.end_seconds))
        return tuple(found)

    def _prompts(self) -> tuple[PromptAnswer, ...]:
        replies = {p.title.strip().casefold(): p for p in self._output.prompts}
        found: list[PromptAnswer] = []
        for prompt in self._task.prompts:
            reply = replies.get(prompt.title.strip().casefold())
            texts = self._texts(reply.cites) if reply else []
            known = [prompt.content, prompt.title]
            if reply is None or unsupported(reply.answer, texts, known):
                self._dropped += reply is not None
                found.append(PromptAnswer(prompt.title, None, answerable=False))
                continue
            places = [c for c in (self._lines.cite(c.line, c.words) for c in reply.cites) if c]
            about = About("prompt", prompt.title)
            evidence = tuple(
                Evidence(f"prompt: {prompt.title}", c.found.quote, c.found.start_seconds, c.found.end_seconds, about)
                for c in places
            )
            found.append(PromptAnswer(prompt.title, reply.answer.strip(), answerable=True, evidence=evidence))
        return tuple(found)


def _prompt_summary(answers: Sequence[PromptAnswer]) -> str | None:
    if not answers:
        return None
    open_titles = [a.title for a in answers if not a.answerable]
    words = f"Prompts: {len(answers) - len(open_titles)} of {len(answers)} answered by the model."
    return f"{words} Not answered: {', '.join(open_titles)}." if open_titles else words
