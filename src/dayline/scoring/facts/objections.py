"""Objections: the customer's reasons against this offer, and the rep's answers.

An objection refers to the present offer. Complaints about other things ("we pay a lot for the heat") and stories about
others ("they asked for too much money") are no objections. `handled` is derived only from the customer's next reaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dayline.scoring.conversation import Conversation, Quote, Sentence, quote_for
from dayline.scoring.facts import objection_patterns as patterns
from dayline.scoring.facts.grammar import any_of, pattern
from dayline.scoring.facts.objection_kinds import WILL_ASK, asks_fact, is_social, kind_of, named_kinds, names_decider
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import statement_model
from dayline.scoring.facts.times import times_in
from dayline.scoring.facts.turn_context import FEW_TURNS, UNLIKELY, Score, Stated
from dayline.scoring.questions import questions_in

SAME_OBJECTION_SECONDS = 45.0
"""Objections of the same kind within this time count as one."""

_ANSWER_TURNS = 4


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection and what followed it.

    Attributes:
        kind: price, timing, authority, need, trust, competition, delay or terms; other where none is clear.
        sentence: where it was said.
        quote: the whole sentence.
        response: the rep's next sentences about it, None if the rep did not respond to it.
        acknowledged: whether the response expresses understanding.
        explored: whether the rep asks a question about it.
        explained: whether the response contains a reason, a figure, evidence or another offer.
        agreement: what the customer said in agreement afterwards, None if no agreement was recognised.
        handled: True if the customer agreed after the response, False if the customer repeated it or refused;
            None if neither was recognised.
    """

    kind: str
    sentence: Sentence
    quote: Quote
    response: Quote | None
    acknowledged: bool
    explored: bool
    explained: bool
    agreement: Quote | None
    handled: bool | None


_SURE, _LIKELY, _SURE_IN_SHORT_TALK = 1.0, 0.75, 1.25
"""Log-odds from which an objection is stated: of a turn that no rule names, of one that a rule names, and of a sentence
in a conversation of few turns. In 120 visits that no model has learned from 344 of 361 are right."""
_OUTWEIGHS = 2.0
"""Log-odds from which a turn of a long conversation holds an objection even if its words are often something else."""
_SHORT_TURN_WORDS = 30
"""Words of a turn that is quoted as a whole."""
_BY_WORDS = 1.5
"""Log-odds by the forest from which an objection that a rule names is stated, whatever the encoder reads."""
_BY_ANSWER = 1.5
"""Log-odds by which an answer to who else decides may be less sure."""
_BY_RULE = 0.0
"""Log-odds of a sentence that a rule names, from which it is stated in a conversation of few turns."""
_RULED_KIND, _SURE_KIND = 0.8, 0.9
"""Probability by the model from which a kind is stated, that a rule names (in a conversation of many turns) and that no
rule names. Of 156 visits that no model has learned from 98 of 105 kinds are right."""
_ONLY_FIGURE = pattern("(?:so |and |only |just )?<NUM>(?: <CUR>)?(?: (?:then|all in|each|a \\w+))?")


def objection_scores(talk: Conversation, features: SentenceFeatures) -> dict[int, Score]:
    """Return what the words of each sentence of the customer say, by the number of the sentence."""
    found: dict[int, Score] = {}
    for sentence in talk.customer_sentences:
        kind = kind_of(talk, sentence)
        marks = _rule_marks(sentence, kind)
        value = UNLIKELY if talk.rep is None else features.score_of(sentence, "objection", marks)
        found[sentence.number] = Score(value, kind)
    return found


def objections_in(talk: Conversation, features: SentenceFeatures, stated: Stated) -> tuple[Objection, ...]:
    """Return the objections in the customer's sentences, in order; repetitions within a short time count once.

    stated: scores of the customer's sentences and log-odds of the customer's turns.
    """
    found = [
        hit for sentence in talk.customer_sentences if (hit := _stated(talk, features, sentence, stated)) is not None
    ]
    hits = [(hit.kind, hit.sentence) for hit in found]
    kept: list[_Hit] = []
    for hit in found:
        if not _is_clearest_of_its_turn(hit, found):
            continue
        if any(_is_the_same(other, hit) for other in kept):
            continue
        kept.append(hit)
    return tuple(_stated_as(talk, _with_answer(talk, hit.kind, hit.sentence, hits), hit) for hit in kept)


def _is_the_same(earlier: _Hit, later: _Hit) -> bool:
    """Return whether two objections are one that goes on: both clearly of one kind, and not far apart."""
    if earlier.kind != later.kind or not (earlier.is_kind_sure and later.is_kind_sure):
        return False
    return later.sentence.start_seconds - earlier.sentence.start_seconds < SAME_OBJECTION_SECONDS


def _stated_as(talk: Conversation, objection: Objection, hit: _Hit) -> Objection:
    """Return an objection with its kind only where this is clear, and with the words that show it.

    In a long conversation an objection that no rule names is read in the turn as a whole, and one sentence of it may
    show nothing ("If we do it, we do it. Only there is nothing in the bank till June.").
    """
    if not hit.is_named and len(talk.turns) >= FEW_TURNS:
        turn = [token for s in talk.sentences_of_turn[hit.sentence.turn] for token in s.tokens]
        if len(turn) <= _SHORT_TURN_WORDS:
            objection = replace(objection, quote=quote_for(turn))
    return objection if hit.is_kind_sure else replace(objection, kind="other")


@dataclass(frozen=True, slots=True)
class _Hit:
    """A sentence that is an objection, with the model's log-odds, the likeliest kind, and whether a rule names it."""

    kind: str
    sentence: Sentence
    score: float
    is_kind_sure: bool
    is_named: bool

    @property
    def rank(self) -> tuple[bool, float, int]:
        """What makes one objection clearer than another: a clear kind, then the log-odds, then the earlier place."""
        return self.is_kind_sure, self.score, -self.sentence.number


def _is_clearest_of_its_turn(hit: _Hit, found: list[_Hit]) -> bool:
    """Return whether no clearer objection is in the same turn: its answer belongs to one of them only."""
    return all(other.rank <= hit.rank for other in found if other.sentence.turn == hit.sentence.turn)


def rule_features(talk: Conversation, sentence: Sentence) -> list[str]:
    """Return the results of the rules for a sentence of the customer, as features of the model."""
    return _rule_marks(sentence, kind_of(talk, sentence))


def _stated(talk: Conversation, features: SentenceFeatures, sentence: Sentence, stated: Stated) -> _Hit | None:
    kind, odds = stated.scores[sentence.number].kind, stated.of(sentence)
    sure = _SURE if kind is None else _LIKELY
    if len(talk.turns) < FEW_TURNS:
        odds, sure = stated.scores[sentence.number].value, _SURE_IN_SHORT_TALK if kind is None else _BY_RULE
    elif kind is not None and stated.of(sentence) > UNLIKELY and stated.by_words[sentence.turn] >= _BY_WORDS:
        odds = max(odds, sure)
    if odds < sure - (_BY_ANSWER if kind == "authority" else 0.0):
        return None
    if any(p.search(sentence.text) for p in (patterns.FOR_OFFER, patterns.CONCEDES, patterns.ONLY_COURTESY)):
        return None
    turn = talk.sentences_of_turn[sentence.turn]
    if any(patterns.IN_FAVOUR.search(s.text) for s in (turn if kind is None else [sentence])):
        return None
    if kind == "authority" and any(patterns.IS_OWNER.search(s.text) for s in turn):
        return None
    if kind == "need" and _is_said_again(talk, sentence):
        return None
    marks = [*features.of(sentence), *_rule_marks(sentence, kind)]
    if kind is not None:
        is_told = kind == "authority" and odds < sure and names_decider(talk, sentence)
        is_clear = is_told or len(talk.turns) < FEW_TURNS or statement_model().kinds_of(marks)[kind] >= _RULED_KIND
        hit = _Hit(kind, sentence, odds, is_kind_sure=is_clear, is_named=True)
        return hit if is_told or odds >= sure else None
    is_long = len(talk.turns) >= FEW_TURNS
    if is_long and (_is_of_another(talk, sentence) or _only_repeats_figure(talk, sentence)):
        return None
    if (odds < _OUTWEIGHS or not is_long) and _may_mean_something_else(talk, sentence):
        return None
    likeliest, probability = next(iter(statement_model().kinds_of(marks).items()))
    return _Hit(likeliest, sentence, odds, is_kind_sure=probability >= _SURE_KIND, is_named=False)


def _is_of_another(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the turn begins with a story about somebody else's one."""
    text = " ".join(s.text for s in talk.sentences_of_turn[sentence.turn])
    return patterns.STORY_FIRST.search(text) is not None


def _only_repeats_figure(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether a figure is all that a turn says: of 147 such turns of all parts readers took two for objections.

    With a remark after it ("Twenty thousand. For tents.") it is one at times.
    """
    return len(talk.sentences_of_turn[sentence.turn]) == 1 and _ONLY_FIGURE.fullmatch(sentence.text) is not None


def _may_mean_something_else(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the words are often no objection: about others, a question for facts, a courtesy, a figure alone.

    A repeated price shows surprise at most; "no thanks" to a drink is no objection to the offer.
    """
    if _is_elsewhere(sentence) or asks_fact(sentence) or _ONLY_FIGURE.fullmatch(sentence.text):
        return True
    return is_social(talk, sentence) or _tells_cost(talk, sentence)


_NO_THANKS = pattern("no thank you|no thanks")
_REASON = pattern("not|already|too|because|have|got|use|with")


def _is_said_again(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the customer only repeats a no that was said shortly before, without a reason."""
    if not _NO_THANKS.search(sentence.text) or _REASON.search(sentence.text):
        return False
    before = talk.sentences[max(0, sentence.number - _REPEATED_SENTENCES) : sentence.number]
    return any(s.is_rep is False and _NO_THANKS.search(s.text) and not is_social(talk, s) for s in before)


_REPEATED_SENTENCES = 10
_COST_NOW = pattern(
    "^(?:well |so )?(?:i|we) (?:pay|spend|am paying|are paying)(?: \\w+){0,3} <NUM>(?: <CUR>)?"
    " (?:a|per|every|each) (?:year|month|week|quarter)"
)


def _tells_cost(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the customer answers a question with what they pay now."""
    asked = any(s.is_marked_question or questions_in(s.tokens) for s in talk.before(sentence, 1) if s.is_rep)
    return asked and _COST_NOW.search(sentence.text) is not None


def _is_elsewhere(sentence: Sentence) -> bool:
    """Return whether a sentence is about a complaint, about others, or about the past."""
    text = sentence.text
    if WILL_ASK.search(text):
        return True
    if any(p.search(text) for p in (patterns.PAIN, patterns.OTHERS_DELAY, patterns.DENIED, patterns.WOULD_IF)):
        return True
    return bool(patterns.STORY.search(text)) and not patterns.PRESENT.search(text)


def _rule_marks(sentence: Sentence, kind: str | None) -> list[str]:
    text = sentence.text
    found = ["rule", f"rule:{kind}"] if kind else []
    raw = [f"raw:{name}" for name in named_kinds(text)]
    found += [*raw, "raw"] if raw else []
    if _ANY_ABOUT.search(text):
        found += [f"rule:{name}" for name, expression in _ABOUT if expression.search(text)]
    return found


_ABOUT = (
    ("story", patterns.STORY),
    ("pain", patterns.PAIN),
    ("agrees", patterns.AGREES),
    ("denied", patterns.DENIED),
)
_ANY_ABOUT = any_of(expression for _, expression in _ABOUT)


def _with_answer(talk: Conversation, kind: str, sentence: Sentence, hits: list[tuple[str, Sentence]]) -> Objection:
    answer_turn = next(
        (
            t
            for t in range(sentence.turn + 1, min(len(talk.turns), sentence.turn + 1 + _ANSWER_TURNS))
            if talk.rep is None or talk.turns[t].speaker == talk.rep
        ),
        None,
    )
    said = talk.sentences_of_turn.get(answer_turn, []) if answer_turn is not None else []
    said = [s for s in said if len(s.words) >= 2]
    if not said or talk.rep is None:
        return Objection(kind, sentence, _quote(talk, sentence), None, False, False, False, None, None)
    text = " ".join(s.text for s in said)
    questions = [q for s in said for q in questions_in(s.tokens) if not q.is_courtesy]
    handled, agreed = _settled(talk, kind, answer_turn or sentence.turn, hits)
    return Objection(
        kind=kind,
        sentence=sentence,
        quote=_quote(talk, sentence),
        response=_joined(said[:2]),
        acknowledged=bool(patterns.ACKNOWLEDGES.search(text)),
        explored=bool(questions),
        explained=bool(patterns.SUBSTANCE.search(text)) and sum(len(s.words) for s in said) >= 8,
        agreement=agreed.quote if agreed and handled else None,
        handled=handled,
    )


def _quote(talk: Conversation, sentence: Sentence) -> Quote:
    """Return the sentence, together with the next one where it is as short as "My wife."."""
    same_turn = [s for s in talk.sentences_of_turn[sentence.turn] if s.number >= sentence.number]
    return _joined(same_turn[:2]) if len(sentence.words) <= 3 else sentence.quote


def _joined(sentences: list[Sentence]) -> Quote:
    return quote_for([token for s in sentences for token in s.tokens])


def _settled(
    talk: Conversation, kind: str, answered: int, hits: list[tuple[str, Sentence]]
) -> tuple[bool | None, Sentence | None]:
    again = [s for k, s in hits if s.turn > answered and (k == kind or k == "need")]
    replies = [
        s
        for turn in range(answered + 1, min(len(talk.turns), answered + 4))
        for s in talk.sentences_of_turn.get(turn, ())
        if s.is_rep is False and not (kind in patterns.OF_SUBSTANCE and times_in(s))
    ]
    agreed = next(
        (s for s in replies if patterns.AGREES.search(s.text) and not patterns.MEANING[kind].search(s.text)), None
    )
    first_again = min((s.number for s in again), default=None)
    if agreed is not None and (first_again is None or agreed.number < first_again):
        later = [s for s in again if s.number > agreed.number]
        return (None if later else True), agreed
    if first_again is not None:
        return False, None
    return None, None
