"""Requests of the rep for a decision, an order, an appointment, a payment or a trial, direct and indirect.

Precision has priority: a rule names the requested step, or a trained model is confident of it. A sentence that only may
be a request ("what do you think") sets `possible`, so that an absence is stated only if neither was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dayline.scoring.conversation import Conversation, Quote, Sentence
from dayline.scoring.facts.grammar import lines, pattern
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.times import TimeMention, times_in
from dayline.scoring.facts.turn_context import FEW_TURNS, UNLIKELY, Score, Stated

# Times are replaced by "@day", "@now" or "@clock" before these are matched, see `_with_times`.
_DECISION = pattern(
    *lines(
        """
        (?:would|do|did) you(?: all| guys| two)?<FILL> (?:like|want|care|wish) (?:to|me to|us to)<FILL> (?:go ahead|
        go with|get (?:it|that|this|one|started|going|the|a)|book|sign|start|try|order|do (?:it|that|this|the|both|
        one|a)|proceed|move (?:ahead|forward)|take (?:it|one|that|the|a)|set|put (?:it|that|in|a|down)|schedule|add|
        keep|reserve|pay|come back|come by|come over|come out|give it|replace|change|switch|swap|text|call|ring|
        email|send|pencil|write|hold|leave you)
        (?:do )?you want me to<FILL> (?:put|book|sign|order|get you|start|pencil|do (?:it|that|this|the)|come back|
        come by|come over|send|go ahead|write|schedule|set|add|leave you|hold|reserve|call|ring|email|text)
        (?:do you|you) want to<FILL> (?:go ahead|go with|get (?:it|that|this|one)|book|sign|do it|do that|do this|
        get started)
        want me to<FILL> (?:put|book|sign|order|start|pencil|do (?:it|that)|come back|send|write|schedule|add|hold|
        text)
        (?:will|shall|should|can|could|may|might|why dont|why do not) (?:i|we)<FILL> (?:put you|put your name|
        put that through|put it through|put the order|put an order|put in|put down|put (?:him|her|them) down|pencil|
        book|sign you|get you (?:in|down|signed|booked|started|scheduled|set up|on the|over|up)|get (?:a|
        your) signature|get your name on|get (?:it|that|this) (?:booked|signed|started|ordered|done|scheduled|moving|
        in)|get (?:him|her|them|your \\w+) on (?:a call|the phone)|get started|get going|set (?:up|you up|a)|
        schedule|start (?:you|on|with you|the|you off)|go ahead|write (?:it|you|this|that) up|order|reserve|
        hold (?:it for|that for|one|a|the price)|
        count on|do (?:the deal|business)|take (?:a|your|the) (?:order|deposit|card|payment|card details|details)|
        say yes|leave (?:you|it) (?:with )?(?:a|one|two|some|the) (?:sample|trial|loaner|unit|case|bottle|box|
        machine|probe)|suggest|come (?:later|back|again|by|over|out|round|up)|pop (?:back|by|round|over|in)|swing by|
        stop by|drop (?:by|in|back)|call you|ring you|give you a (?:call|ring|shout)|send you|email you|text you|
        bring you|meet|sit down)
        (?:are|so are|so) (?:you|we)(?: all| guys| both)?<FILL> (?:ready|happy|okay|good|set|up|willing|prepared|
        comfortable) (?:to|with|for) (?:go ahead|going ahead|sign|signing|book|booking|start|starting|move forward|
        moving|proceed|proceeding|do (?:it|this|that)|doing|try|trying|get started|order|me to|me putting|us to)
        (?:if|when|once|soon as) you(?: all| guys| two)? (?:sign|book|order|go ahead|say yes|decide|commit|sign up|
        switch|agree)(?: the \\w+| it| with us| up)* (?:today|now|tonight|this week|@now|@day)
        if we (?:write|sign|do|book|order|start) (?:the|it|this|that)(?: \\w+)? ?(?:order )?(?:now|today|tonight|
        this week|@now|@day)
        (?:sign|initial|autograph|scribble|put your name|write your name|pop your name)(?: it| the \\w+|
         your \\w+)? (?:right |just )?(?:here|there|with your finger|on the line|at the bottom)
        (?:have|need|get|want) you (?:to )?sign|(?:need|grab|get|take|have|want) (?:a|your|an|one) (?:signature|
        autograph|decision|answer from you|
        yes or (?:a )?no)
        your signature (?:here|there|and|on)
        do (?:we|you) have a deal|is (?:that|it) a (?:deal|yes)|have we got a deal|are we (?:doing this|doing it|
        on for|good to go)
        (?:can|could) (?:i|we) (?:count|put) you (?:on|in|down)
        (?:can|could|will|would) you (?:decide|commit|confirm|order|let me know by @day|give (?:me|us) (?:a|
        the) (?:yes|answer|go ahead|decision|chance|shot))
        what (?:would|will) it take (?:to|for)
        which (?:one|of (?:these|those|the|them)(?: \\w+)?|option|package|plan|way|day) (?:would you|do you want|
        do you fancy|do you prefer|works|suits|shall|should|will you)
        (?:how many|how much|what) (?:shall|should|can|will) (?:i|we) (?:put|get|order|send|write|book) (?:you|down|
        in)
        would you (?:be )?(?:willing|open|interested|up for|prepared|happy to|okay (?:to|with|if)|consider|
        give (?:it|us|me) a|take (?:a|one|it) (?:sample|trial|few|look at having)|try|go for|go with|meet|sign|swap|
        switch|put (?:a|one|them|it) (?:pair|in|on)|wear|have (?:five|ten|fifteen|twenty|half|a few|\\d+) minutes)
        (?:lets|let us|let me)<FILL> (?:get (?:you|it|this|that) (?:booked|signed|scheduled|started|set up|down|in|
        on|done)|book (?:you|it|that|a)|schedule|set (?:up|you up|a (?:time|date|day))|pencil|put you down|
        go ahead and (?:book|get|put|sign|schedule|do)|do the paperwork|say @day|do @day|make it @day)
        what if (?:i|we)<FILL> (?:came|come|sent|put|held|did|start|started|met|meet|knocked|took|threw|dropped|left|
        booked|split|tried|try)
        (?:how|what) about (?:this )?(?:i|we) (?:come|send|put|do|start|meet|leave|book|hold|set|try|drop|get|say|
        ring|call)
        shall we (?:say|go ahead|get|book|sign|meet|fix|make|try|put|call it|do it|do that|do @day)
        would it (?:make sense|help|be worth|be okay|be all right|be possible|be an idea) (?:to|if (?:i|we)|me|
        us) (?:start|set|book|come|send|do|try|meet|schedule|put|have|get|run|call|ring|drop|pop|stop|bring|sit|
        doing|coming|sending|putting|dropping)
        (?:can|could) (?:i|we) (?:interest|tempt|talk) you (?:in|into|with)
        (?:and |so |then )?(?:next order |the next order )?do i (?:put|raise|order|book|send|keep|write|make it)
        (?:may|shall|should|can|could) i<FILL> (?:send|ring|call|email|text) (?:the|him|her|them|you|it|that|over)
        is that a yes
        give (?:it|us|me) a (?:try|go|shot|chance|month|week)
        shake on it|shall we shake|(?:and )?you will (?:do|make|send) the (?:transfer|payment|deposit)
        """
    )
)
_PAYMENT = pattern(
    *lines(
        """
        how (?:would|do|did|will|are) you<FILL> (?:like|want|wish|wanting|going|plan|prefer)? ?(?:to )?(?:pay|settle|
        paying)
        (?:by |on |with )?(?:a )?(?:card|cash|check|debit|credit) or (?:by |on |with |a )?(?:card|cash|check|debit|
        credit|account|transfer)
        (?:would|will|is) (?:it|that) be(?: the)? (?:one|a single|a lump) payment or
        (?:can|could|shall) (?:i|we)<FILL> (?:take|get|have|grab) (?:a|your|the|some) (?:card|deposit|payment|
        card number|bank details|account details|sort code|direct debit)
        (?:i|we)(?: just)?(?: will| am going to| are going to)? (?:need|want)(?: just)?(?: a| your| the| one|
         to see a)? (?:names?|full name|signature|signatures|card|deposit|date of birth|bank details|account number|
         sort code|ein|vat number|company name|drivers license)
        (?:what|which|whose) name (?:shall|should|do|will|does) (?:i|we|it|the)
        """
    )
)
_APPOINTMENT = pattern(
    *lines(
        """
        (?:would|does|do|will|could|can|might|is|are|how about|what about|how does|how is|how would|
        shall we say)(?: \\w+){0,4} @(?:day|clock)(?: \\w+){0,6} (?:work|works|suit|suits|good|okay|fine|best|better|
        free|around|available|possible|any use|convenient|too early|too late|too soon|do you|for you)
        (?:how|what) (?:about|is|does)(?: \\w+){0,2} @(?:day|clock)
        (?:what|which) (?:day|days|time|date|morning|afternoon|evening|week|weekend|slot)(?: of \\w+ \\w+)? (?:would|
        works|work|suits|suit|can|will|should|shall|could|might|tends|do you (?:want|like|prefer|finish|open|get in)|
        are you (?:free|around|in|home|about)|is (?:good|best|better|easiest|easier|okay)|@day)
        what is your (?:week|diary|calendar|schedule|day)(?: \\w+)? like
        (?:when|how soon|what time) (?:can|could|would|will|should|shall|may|might) (?:i|we|you)<FILL> (?:like (?:me|
        us|it|to)|want (?:me|us|to start|to have|it done)|come|meet|start|begin|be (?:in|home|around|free|here|back|
        ready|able)|do it|do that|get (?:in|you|it)|have (?:me|us|it)|call|ring|catch|see|talk|speak|stop|swing|drop|
        pop|put|fit|need (?:it|us|me|them)|prefer|expect|bring|deliver|send|sit)
        when (?:would|will|might|do|are|is) (?:be |you |it |that )?(?:be )?(?:good|best|better|suit|free|around|home|
        convenient)
        when is (?:a )?(?:good|best|better|quiet)
        (?:can|could|shall|should|may|might) (?:i|we)<FILL> (?:meet|come|come \\w+|pop \\w+|swing \\w+|stop \\w+|
        drop \\w+|call|call \\w+|ring|ring \\w+|see you|talk|speak|catch you|find (?:a|ten|five|twenty)|fix (?:a|up)|
        sit down|send (?:it|that|this|over|him|her|them)|bring (?:it|one|him|her|them|a|some)|say|do|make it|try|
        aim for|start|begin|have)(?: \\w+){0,5} @(?:day|clock)
        (?:are|will) (?:you|you both|both of you|you two|you all|you guys)<FILL> (?:going to be |be |all )?(?:here|
        around|in|home|at home|free|available|about|there|back)(?: at| on| for| in)?(?: \\w+){0,3} @(?:day|clock)
        (?:can|could|would|will) you (?:be|do|make|manage|make it|come|meet|get|fit|squeeze|see us|see me|
        spare)(?: \\w+){0,6} @(?:day|clock)
        (?:i|we|he|she|they|someone|somebody|the \\w+) (?:can|could) (?:do|come|be|start|fit|send|see|
        meet)(?: \\w+){0,4} @day
        (?:i|we|they|he|she)(?: have)? (?:have|got)(?: a| the)?(?: \\w+)? @day(?: \\w+){0,4} or(?: \\w+){0,3} @day
        i(?: have)? got @day(?: \\w+){0,3} or
        (?:would|will) (?:five|ten|fifteen|twenty|thirty|\\d+|half an) (?:minutes|hour)
        (?:is it|would it be|is that|are you|would you be) (?:okay|all right|fine|good|happy|
        cool)(?: with you)? (?:if|for|with) (?:i|we|me|us) (?:to )?(?:come|call|ring|send|email|text|stop|drop|pop|
        swing|put|book|bring|start|calling|coming|sending)
        (?:would|will|is|are|could|can) (?:\\w+ ){1,2}(?:be |call |ring )?(?:here|home|in|around|free|me|
        us)(?: \\w+){0,2} (?:@day|(?:by )?@clock)
        is that a day you|^(?:so )?(?:morning or afternoon|mornings or afternoons|before or after lunch)$
        (?:so |and )?@day (?:is it|then is it|okay|all right|suit)
        ^so @day(?: \\w+){0,4}(?: (?:about )?@clock)?$
        any chance (?:of|i|we|you)(?: \\w+){0,5} @day
        (?:could|can|would) you (?:have|get|ask|bring)(?: \\w+){0,4} (?:ready|there|here|along|
        join)(?: \\w+){0,4} @day
        would it be better if(?: \\w+){1,6} another (?:day|time)
        """
    )
)
_POSSIBLE = pattern(
    *lines(
        """
        what do you (?:think|reckon|say)|how does (?:that|it|this) sound|(?:sound|sounds) (?:good|fair|okay)|
        what would you (?:like|want) to do
        to pay|ready|book|sign|order|schedule|appointment|signature|deposit|deal|paperwork|contract|commit|decide|
        decision|trial|sample|demo|start|begin|go ahead|get started
        (?:call|ring|come|pop|stop|swing|drop|meet|see|text|email)(?: you)? (?:back|by|round|over|again|in|on|at)
        @day|@now|(?:shall|should|may|can|could) (?:i|we)|would you|(?:do )?you want|if you (?:want|like)|
        let me know|lets|put you|would it|card|leave you|let us
        """
    )
)
_ONLY_TIME = pattern("^(?:so |then |okay )?@day(?: then| okay)?$")
# Requests for consent to a time that was named just before.
_CONSENT = pattern(
    *lines(
        """
        would (?:that|it|this|either|one of those|any of those) (?:time |day )?(?:be|work|suit) (?:good|okay|fine|
        all right|best|better|out of the question|possible|convenient|for|with|you)
        (?:does|is) (?:that|either|this|it) (?:one |time |day )?(?:work|suit|okay|all right|good|fine|
        convenient)(?: (?:for|with) (?:you|your|both)| you|$)
        """
    )
)
# A request for a look, a measurement, a seat or a question is not a request for a decision.
_NOT_ASKS = pattern(
    *lines(
        """
        if (?:i|we) call you (?!back|later|again|then|first|soon|in|on|at|about|when)\\w+$
        (?:get|take|have|do|grab|have you got) (?:you )?(?:a|another|one more|quick|some|the|that)<FILL>(?: quick|
         little| test)? (?:look|picture|photo|photos|pictures|measurement|measurements|reading|seat|peek|listen|
         minute|second|sec|guess|feel|drink|coffee|water|tea|strip|copy|word(?! with (?:him|her|them|the|your))|read)
        (?:want|like) (?:me )?to (?:see|look|show|know|hear|ask|sit|say|mention|understand|find out|check|measure|
        think|talk about|explain|start with|start by|start off|take (?:my|your|them|those)|get (?:out|past|through|
        by|up)|get in (?:there|the|trouble)|get you in(?:to)? trouble|go with you|put (?:it|that|this|them) (?:back|
        there|in the|on the))
        shall we do(?: \\w+)+ first|(?:can|could|may) (?:i|we) (?:just )?(?:come|pop) (?:in|through|round|around|up|
        over there)(?! @)|can we just put it|where can i put|can i suggest you
        (?:what|which) (?:day|time|week) (?:is|are|was|did) (?:it|that|they|the)
        i would put (?:it|that) in|i will write (?:it|that)|leave you (?:a|my|the|one of my) (?:card|leaflet|flyer|
        number|brochure|chart)|try to
        (?:do|did|would) you want to (?:do|get) the (?:talking|honors)
        ^(?:so |and |then )?(?:why|how come) (?!do not (?:we|i|you)).*
        """
    )
)
# A question about a habit or the past contains a time but is no request ("how was Monday", "what did you do today").
_HABIT = pattern(
    *lines(
        """
        (?:did|was|were|had|have) (?:you|it|he|she|they|there|that|the|your)
        how (?:many|much|often|long|old|far|big)
        how (?:is|was|are)(?: the| your| my| it| this| that)?(?: \\w+)? @day
        what (?:is|was|about) (?:it|that|this|the \\w+|your \\w+)(?: \\w+)* @(?:day|clock)
        (?:what|who|where|why|how) (?:do|does|did|are|is|were) (?:you|they|he|she|your) (?:do|doing|use|using|get|
        got|go|going|have|see|make|pay|run|need|spend)
        """
    )
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for a decision or a step.

    Attributes:
        kind: "decision", "appointment" or "payment".
        sentence: where it was said.
        quote: the whole sentence.
        times: times named in it.

    """

    kind: str
    sentence: Sentence
    quote: Quote
    times: tuple[TimeMention, ...]


@dataclass(frozen=True, slots=True)
class Asks:
    """The requests recognised in a conversation, and whether anything else may have been one."""

    found: tuple[Ask, ...]
    is_absence_known: bool


_SURE, _SURE_IN_SHORT_TALK = 0.6, 0.5
"""Log-odds of a turn from which its request is stated, by the rule of `bench/statements/README.md`."""
_BY_RULE = -3.0
"""Log-odds of a sentence that a rule names, from which it is stated in a conversation of few turns."""
_POSSIBLY = -2.5
"""Log-odds of a sentence below which it does not hinder an absence."""


def request_scores(talk: Conversation, features: SentenceFeatures) -> dict[int, Score]:
    """Return what the words of each sentence of the rep say, by the number of the sentence."""
    found: dict[int, Score] = {}
    for sentence in talk.rep_sentences:
        text = _with_times(sentence.text, features.times_of(sentence))
        kind = features.requests[sentence.number] = _kind_of(text)
        value = UNLIKELY if talk.rep is None else features.score_of(sentence, "ask", _rule_marks(text, kind))
        found[sentence.number] = Score(value, kind, text)
    return found


def asks_in(talk: Conversation, features: SentenceFeatures, stated: Stated) -> Asks:
    """Return the rep's requests in order. An absence is known only if nothing similar to a request was said either.

    stated: scores of the rep's sentences and log-odds of the rep's turns.
    """
    found: list[Ask] = []
    possible = False
    for sentence in talk.rep_sentences:
        times = features.times_of(sentence)
        score = stated.scores[sentence.number]
        text, kind = score.text, score.kind
        if kind is None and sentence.is_marked_question and _ONLY_TIME.search(text):
            kind = "appointment"
        is_sure = stated.of(sentence) >= _SURE
        if len(talk.turns) < FEW_TURNS:
            is_sure = score.value >= (_SURE_IN_SHORT_TALK if kind is None else _BY_RULE)
        if kind is not None and talk.rep is not None and not is_sure:
            kind, possible = None, True
        if kind is None and is_sure and not (_NOT_ASKS.search(text) or _opens_with_habit(text)):
            kind = _kind_by_words(text, times)
        if kind is not None and (_ASKS_TO_KNOW.search(text) or (kind == "appointment" and _tells_plan(text))):
            possible = True
        elif kind:
            found.append(Ask(kind, sentence, sentence.quote, times))
        elif _CONSENT.search(text) and (named := _named_just_before(talk, sentence)):
            if not found or found[-1].sentence.turn != sentence.turn:
                found.append(Ask("appointment", sentence, sentence.quote, named))
        elif score.value >= _POSSIBLY or _POSSIBLE.search(text):
            possible = True
    known = not found and not possible and talk.has_two_voices and len(talk.tokens) >= 60
    return Asks(tuple(found), known)


def rule_features(sentence: Sentence) -> list[str]:
    """Return the results of the rules for a sentence of the rep, as features of the model."""
    text = _with_times(sentence.text, times_in(sentence))
    return _rule_marks(text, _kind_of(text))


def _rule_marks(text: str, kind: str | None) -> list[str]:
    found = ["rule", f"rule:{kind}"] if kind else []
    if not kind and _CONSENT.search(text):
        found.append("rule:consent")
    if _POSSIBLE.search(text):
        found.append("rule:possible")
    if _NOT_ASKS.search(text):
        found.append("rule:not")
    return found


_OF_PAYMENT = pattern("card|cash|check|deposit|pay|payment|transfer|invoice|upfront|up front")


def _kind_by_words(text: str, times: tuple[TimeMention, ...]) -> str:
    """Return the kind of a request that no rule matches."""
    if any(t.has_day or t.has_clock for t in times):
        return "appointment"
    return "payment" if _OF_PAYMENT.search(text) else "decision"


def _named_just_before(talk: Conversation, sentence: Sentence) -> tuple[TimeMention, ...]:
    """Return the times with a day that the same turn named before this sentence."""
    same_turn = [s for s in talk.sentences_of_turn[sentence.turn] if s.number <= sentence.number]
    return tuple(t for s in same_turn[-3:] for t in times_in(s) if t.has_day)


def _kind_of(text: str) -> str | None:
    """Return the kind of step that a sentence of the rep asks for, None when it asks for none."""
    if _PAYMENT.search(text):
        return "payment"
    for match in _DECISION.finditer(text):
        if not _excluded(text, match.start(), match.end()):
            return "decision"
    if _HOW_MANY.search(text):
        return None
    for match in _APPOINTMENT.finditer(text):
        if not _excluded(text, match.start(), match.end()) and not _HABIT.match(text, match.start()):
            return "appointment"
    return None


# A question for what the customer does or knows asks for no step; nor does what the customer need not do, nor a plan
# with a day that is only told.
_ASKS_TO_KNOW = pattern(
    "(?:can|could|would|will) you (?:be able to )?tell (?:me|us)",
    "^(?:and |so )*when (?:will you be|are you) (?!coming|going to be)\\w+ing$",
    "^(?:and |so )*how (?:slow|fast|late|hard|far|high|heavy) (?:would|will|is|are)",
    "what (?:would|do) you (?:still )?need to (?:see|know|hear)",
    "you (?:do not|will not|would not|never) (?:have|need) to (?:sign|decide|pay|buy|order|do|give)",
    "^(?:and |so |okay )*when (?:is|are|will) (?!you\\b)\\w+(?: \\w+)?(?: be)? (?:back|due|over)(?: \\w+){0,3}$",
)
_PLAN = pattern(
    "^(?:(?:and|so|okay|right|no|then|well|yes|oh|great|good|perfect|lovely) )*(?:i|we|he|she|it|they) "
    "(?:will|am|is) .*@day",
    "(?:i|we) will (?:call|ring|phone|email|text|message|send|post) you (?:.* )?@day",
)
_OPEN = pattern(
    "if|or|ask|can|could|would|like|need|want|okay|yes|all right|right|suit|suits|is it|is that|sign|hold|pencil|"
    "shall|should|will you|which"
)


def _tells_plan(text: str) -> bool:
    """Return whether a plan with a day is told without leaving the day to the customer."""
    return _PLAN.search(text) is not None and not _OPEN.search(text)


def _opens_with_habit(text: str) -> bool:
    """Return whether a sentence begins as a question about a habit or the past.

    Further on the same words are often none: "do you want to have it", "I could have it in by Friday".
    """
    lead = _LEAD.match(text)
    return _HABIT.match(text, lead.end() if lead else 0) is not None


_LEAD = re.compile("(?:(?:and|so|but|well|okay|right|then|no|oh|yes|now) )*")
_HOW_MANY = pattern("^(?:and |so )?how (?:many|often|long|old)")


def _with_times(text: str, times: tuple[TimeMention, ...]) -> str:
    """Return the text with each time replaced by a placeholder for a day, for today, or for a time of day."""
    pieces: list[str] = []
    at = 0
    for mention in times:
        if mention.text.startswith(("in ", "within ")) and not mention.has_clock:
            pieces += [text[at : mention.start], "@span"]
            at = mention.end
            continue
        is_now = not mention.has_clock and mention.text in {"today", "tonight"}
        pieces += [text[at : mention.start], "@now" if is_now else "@day" if mention.has_day else "@clock"]
        at = mention.end
    pieces.append(text[at:])
    return "".join(pieces)


def _excluded(text: str, start: int, end: int) -> bool:
    return any(other.start() < end and other.end() > start for other in _NOT_ASKS.finditer(text))


def kind_of_request(sentence: Sentence) -> str | None:
    """Return the step that a sentence asks for ("decision", "appointment", "payment"), None when it asks for none."""
    return _kind_of(_with_times(sentence.text, times_in(sentence)))
