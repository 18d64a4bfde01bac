"""What each component means in words: praise when it is strong, advice when it is weak, and how to do it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """`strong` names what went well, `weak` what was missing, `how` what to do in the next conversation.

    `about` are words by which a fitting line of the playbook is found.
    """

    strong: str
    weak: str
    how: str
    about: str


ADVICE: dict[str, Advice] = {
    "signposts": Advice(
        "The talk was easy to follow: what comes next was said aloud",
        "Little told the customer where the talk was going",
        "Say in one sentence what comes next, before each new part",
        "explain process first next agenda overview example walk",
    ),
    "figures": Advice(
        "Claims came with concrete figures",
        "Few concrete figures were given",
        "Put a number to every promise: a price, a date, a size, a saving",
        "price cost number numbers percent exact specific figure measure",
    ),
    "checks": Advice(
        "Understanding was checked along the way",
        "It was hardly checked whether the customer followed",
        "After each explanation, ask what is still unclear or say back what you heard",
        "confirm recap summarize understand clear repeat check questions",
    ),
    "short_turns": Advice(
        "Turns were short enough to take in",
        "Turns were long; a listener loses the thread",
        "Stop after three sentences and let the customer react",
        "listen short brief pause simple",
    ),
    "plain_words": Advice(
        "Statements were plain and sure",
        "Hedging words weakened the statements",
        "Drop the maybe and the probably: say what is so, and say openly what you do not know",
        "confident confidence clear certain honest",
    ),
    "benefits": Advice(
        "Benefits were put in the customer's own terms",
        "The offer was hardly tied to what this customer gains",
        "Finish each feature with what it does for this customer",
        "benefit value save saving savings gain family help solution",
    ),
    "proof": Advice(
        "Claims were backed with proof",
        "Claims stood without proof",
        "Name one customer, guarantee or result for every claim that matters",
        "proof reference references warranty guarantee reviews neighbor story testimonial results licensed",
    ),
    "empathy": Advice(
        "What the customer said was taken up",
        "What the customer said was seldom taken up",
        "Begin an answer by saying back what the customer told you",
        "listen empathy understand acknowledge care feel rapport",
    ),
    "agreement": Advice(
        "The customer showed agreement",
        "The customer showed little agreement",
        "Ask for small agreements on the way, after each point that should matter",
        "agree trust value yes commitment",
    ),
    "acknowledged": Advice(
        "Objections were taken seriously before they were answered",
        "Objections were not acknowledged before answering",
        "Say that you understand the worry before you answer it",
        "objection objections acknowledge concern empathy listen understand",
    ),
    "explored": Advice(
        "Objections were looked into with a question",
        "Objections were answered without asking what lies behind them",
        "Ask one question about an objection before you answer it",
        "objection objections ask concern reason behind question isolate",
    ),
    "answered": Advice(
        "Objections were met with substance",
        "Objections were not answered with proof, a benefit or a figure",
        "Prepare one figure and one example for each objection that keeps coming",
        "objection objections answer proof value price example",
    ),
    "settled": Advice(
        "Objections were settled",
        "Objections stayed open",
        "Ask whether the worry is settled before you go on",
        "objection objections resolve confirm settled agree",
    ),
    "questions": Advice(
        "Many questions were asked",
        "Few questions were asked",
        "Prepare five questions and ask them before you present anything",
        "ask question questions discover discovery need needs qualify",
    ),
    "open_questions": Advice(
        "Questions were open and let the customer tell",
        "Hardly any question let the customer tell freely",
        "Begin questions with what, how or why, and wait for the whole answer",
        "open ask question questions discover tell why how",
    ),
    "need_questions": Advice(
        "Questions went to need, money and decision",
        "Need, money and decision were hardly asked about",
        "Ask what the trouble costs, who decides, and by when it should be solved",
        "need needs budget decision problem pain timeline qualify goal",
    ),
    "follow_ups": Advice(
        "Questions built on what the customer had said",
        "Questions did not build on the customer's answers",
        "Take one word from each answer into your next question",
        "listen follow deeper ask question dig probe",
    ),
    "room": Advice(
        "The customer had room to tell",
        "The customer hardly got to tell anything at length",
        "After a question, stay silent until the customer has finished",
        "listen silence customer talk pause",
    ),
    "pace": Advice(
        "The pace was easy to listen to",
        "The pace was outside what is easy to listen to",
        "Aim for 120 to 175 words a minute",
        "pace speak slow calm tone energy",
    ),
    "fillers": Advice(
        "Speech was nearly free of filler words",
        "Filler words were frequent",
        "Replace the filler by a short pause",
        "speak clear pause confident professional",
    ),
    "talk_share": Advice(
        "Talking and listening were in balance",
        "Talking and listening were out of balance",
        "Aim to speak about half of the time",
        "listen talk balance conversation",
    ),
    "monologue": Advice(
        "Nobody had to sit through a monologue",
        "A long monologue kept the customer silent",
        "Break every explanation after a minute with a question",
        "listen short pause question demo present",
    ),
    "exchange": Advice(
        "It was a lively exchange",
        "There was little exchange",
        "Ask more and present in smaller pieces",
        "conversation engage listen question",
    ),
    "courtesy": Advice(
        "The tone was courteous",
        "Greeting, thanks or courtesy were thin",
        "Greet with your name, ask for permission to go on, and thank for the time",
        "greet introduce thank name smile polite rapport",
    ),
    "asks": Advice(
        "A decision or a step was asked for",
        "No decision and no step was asked for",
        "End with one clear question for the decision or the next appointment",
        "close ask order sale sign commit decision schedule appointment",
    ),
    "next_step": Advice(
        "The next step was fixed with a time",
        "No next step with a time was fixed",
        "Agree on day and hour before you leave",
        "next step appointment schedule follow calendar date",
    ),
    "commitment": Advice(
        "The customer committed to go on",
        "The customer committed to nothing",
        "Ask what would have to be true for a yes, and build the last minutes on it",
        "close commitment decision order yes sale",
    ),
    "ending": Advice(
        "The talk ended cleanly, with thanks, recap or contact details",
        "The talk ended without recap, thanks or contact details",
        "Close with a recap of what was agreed and leave a way to reach you",
        "thank recap card contact summarize leave",
    ),
}
