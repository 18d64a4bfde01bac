"""Dialogue acts in generic language: greeting, offering, asking, objecting, taking leave. No words of any trade.

The lists are written by hand and contain phrases that are used whatever is sold; the subject of the business comes from
its playbook at run time. Counts are per utterance and are later compared within the day, not with fixed levels.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

_ACTS: dict[str, str] = {
    "greet": (
        r"\b(hi|hello|hey|good (morning|afternoon|evening|day)|howdy|nice to (meet|see)|how are you( doing)?|"
        r"how's it going)\b"
    ),
    "intro": (
        r"\b(my name is|my name's|this is \w+ (from|with|calling)|i'm \w+ (from|with|over at)|i am \w+ (from|"
        r"with)|calling from|are you the (owner|homeowner|manager)|reason i('m| am)? ?(stopped|called|calling|"
        r"here)|i was in the (area|neighborhood)|we (had|have) an appointment|is (this|that) (mr|mrs|miss|"
        r"the)|thanks for having (me|us)|come (on )?in|have a seat|appreciate you (seeing|taking))\b"
    ),
    "bye": (
        r"\b(bye|goodbye|bye bye|take care|have a (great|good|nice|wonderful) (day|one|evening|afternoon|"
        r"night|weekend|rest|trip|time)|see you (then|soon|later|tomorrow|next|on|monday|tuesday|wednesday|"
        r"thursday|friday)|be in touch|talk to you (soon|then|later)|pleasure (meeting|doing)|"
        r"great meeting you|nice meeting you)\b"
    ),
    "thanks": r"\b(thank you|thanks|appreciate (it|that|you|your))\b",
    "price": (
        r"(\$|\b(dollars?|bucks|price|prices|pricing|cost|costs|per month|a month|monthly|discount|quote|"
        r"financing|down payment|payment|payments|percent|deposit|budget|expensive|cheaper|cheapest|afford|"
        r"invoice|total|fee|fees|rate|rates)\b)"
    ),
    "objection": (
        r"\b(think about it|think it over|too (expensive|much|high)|not interested|not ready|"
        r"already have (somebody|someone|a|one|that)|more than (i|we) (expected|thought|wanted)|"
        r"talk to my (wife|husband|partner|boss)|talk it over|sleep on it|shop around|another (quote|company|"
        r"offer)|other (quotes|offers)|what's the catch|how do i know|any guarantee|can you do (any )?better|"
        r"i'm not sure|don't need|don't really need|we're good|not today|bad experience)\b"
    ),
    "offer": (
        r"\b(would you like|do you want|i can (offer|get|do|give|put|set|have|show|help)|we can (offer|get|do|"
        r"give|put|set|have|come)|we (offer|carry|handle|cover|include|provide)|let me (show|explain|walk)|"
        r"what we do|how it works|works for you|for you|our (customers|clients|warranty|service|team|company|"
        r"product|products|system|crew)|comes with|included|includes|recommend|option|options|package|"
        r"guarantee|warranty)\b"
    ),
    "ask_need": (
        r"\b(do you (need|have|want|know|prefer|use|own|plan)|are you (looking|currently|interested|planning|"
        r"using|happy|paying)|what (kind|type|sort|size|day|time|brand|color|are you|do you|would you|is your|"
        r"city|area|date|name)|how (many|long|much|often|old|big|soon)|which (one|day|kind|type|area|city)|"
        r"when (do|would|are|did|is) (you|it|the)|where (do|would|are|is) (you|it|the)|have you (ever|had|"
        r"thought|considered|been)|can i (ask|get|have|help)|may i (ask|have)|could i (ask|get|have)|"
        r"who else)\b"
    ),
    "request": (
        r"\b(i'd like|i would like|i need|i want|i'm looking for|i am looking for|looking for|we need|"
        r"we'd like|we want|can you (tell|find|help|do|give|show|send|book|check|get|make|look|please)|"
        r"could you (tell|find|help|do|give|show|send|book|check|get|make|look|please)|please|is there (a|an|"
        r"any)|do they have|tell me|what about|i was wondering|is it possible)\b"
    ),
    "confirm": (
        r"\b(is that (correct|right|okay|ok|all right)|does that (work|sound|make)|sounds (good|great|fine|"
        r"fair|like)|that works|that's (fine|perfect|great|good|right|correct)|perfect|let's do (it|that)|"
        r"go ahead|confirm|please confirm|yes please|yes that|no problem|of course|absolutely|certainly|"
        r"anything else|shall (i|we)|will that be)\b"
    ),
    "next_step": (
        r"\b(send (you|me|it|over)|e ?mail (you|me)|text (you|me)|get you (on|in|set|scheduled)|"
        r"on the schedule|set up (a time|an appointment|a)|schedule|sign (here|it|this|the|up)|signature|"
        r"paperwork|contract|appointment|call (you|me) back|follow up with you|best (number|time) to|"
        r"phone number|your (address|email|number|name)|next (week|step|steps|month)|come (back|by|out)|"
        r"stop by|start date|install|delivery|reservation|booked|book it)\b"
    ),
    "hold": (
        r"\b(let me (just )?(check|look|see|measure|get|grab|run|pull|call|step)|one (second|moment|minute|"
        r"sec)|just a (second|moment|minute|sec)|give me a (second|moment|minute|couple)|hang on|hold on|"
        r"bear with me|be right back|run (out|the numbers)|real quick|step outside|couple of minutes)\b"
    ),
    "back": (
        r"\b(i'm back|i am back|sorry about (the wait|that)|thanks for (waiting|holding)|here we go|"
        r"all right so i (checked|measured|looked)|alright so i (checked|measured|looked)|okay so i (checked|"
        r"measured|looked)|where were we|as i was saying)\b"
    ),
    "office": (
        r"\b(the office|the boss|boss|my (number|target|quota|numbers|manager|route)|crm|c r m|pipeline|"
        r"commission|the team|the guys|the crew|the customers?|the clients?|the leads?|leads|that deal|"
        r"the deal|deals|the report|deadline|colleagues?|log it|closed (it|them|two|three|one)|territory|"
        r"dispatch|warehouse|payroll|meeting|project|presentation|agenda|minutes of|slides?|next meeting)\b"
    ),
    "third": r"\b(he|she|him|her|they|them|their|his|he's|she's|they're|they've|he'll|she'll|they'll)\b",
    "told": (
        r"\b((he|she|they) (said|says|told|asked|wanted|wants|want|signed|cancelled|canceled|bought|called)|"
        r"i (told|quoted|sold|said to|offered) (him|her|them|the)|did (he|she|they|the)|the \w+s (job|account|"
        r"house|asked|want|wanted))\b"
    ),
    "family": (
        r"\b(honey|babe|baby|sweetie|darling|mom|mommy|dad|daddy|grandma|grandpa|the kids|our kids|love you|"
        r"miss you|dinner|groceries|homework|soccer practice|pick up the|school|home by|tonight|my (brother|"
        r"sister|mother|father|mom|dad|girlfriend|boyfriend|roommate|best friend)|birthday|movie|vacation|"
        r"hobby|hobbies|favorite)\b"
    ),
    "memo": (
        r"\b(note to self|reminder|remember to|don't forget to|follow up (on|with|monday|tuesday|wednesday|"
        r"thursday|friday)|to do|memo|voice note)\b"
    ),
    "call_in": (
        r"\b(i'm (here )?at a (customer|client)|at a customer's|can you check something|call the office|"
        r"got a (sec|second|minute)|it's me|just checking in|what's (up|going on)|quick question|"
        r"can you hear me)\b"
    ),
    "broadcast": (
        r"\b(welcome (back|to)|our (next )?guest|guests?|listeners?|episode|podcast|sponsors?|the show|"
        r"on the air|stay tuned|radio|after the break|this week on|joining us|joined by|host|hosts|subscribe|"
        r"breaking news|forecast|traffic|headlines|weather)\b"
    ),
    "you": r"\b(you|your|you're|yours|you've|you'll|you'd)\b",
    "we": r"\b(we|us|our|we're|we've|we'll|we'd|let's)\b",
    "self": r"\b(i|me|my|i'm|i've|i'll|i'd|mine)\b",
    "question": (
        r"(\?|^\W*(so |and |okay |well |um |uh )?(what|how|when|where|who|which|why|do|does|did|is|are|can|"
        r"could|would|will|have|has|should|may|shall)\b)"
    ),
    "answer": (
        r"^\W*(yes|yeah|yep|no|nope|sure|correct|right|okay|ok|i think|about|maybe|of course|not really|"
        r"that's)\b"
    ),
    "backchannel": (
        r"^\W*((mm+|mm hmm|uh huh|yeah|okay|right|sure|ok|hmm|yep|oh|i see|wow|really|exactly)"
        r"[\s.,!]*){1,3}$"
    ),
    "past": r"\b(was|were|had|went|did|got|used to|said|came|thought|saw|took|made|\w{3,}ed)\b",
    "opinion": (
        r"\b(i think|i guess|i mean|i feel|you know|kind of|sort of|like a|basically|actually|probably|"
        r"maybe)\b"
    ),
    "number": (
        r"\b(\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
        r"sixty|seventy|eighty|ninety|hundred|thousand)\b"
    ),
    "when": (
        r"\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today|morning|afternoon|"
        r"o'clock|next week|this week|january|february|march|april|june|july|august|september|october|"
        r"november|december|\d+(st|nd|rd|th)|a ?m|p ?m)\b"
    ),
}
NAMES: tuple[str, ...] = tuple(_ACTS)
INDEX: dict[str, int] = {name: i for i, name in enumerate(NAMES)}
_COMPILED = tuple(re.compile(p) for p in _ACTS.values())


def count(texts: tuple[str, ...]) -> NDArray[np.float64]:
    """Count how often each act occurs in each line: shape (lines, acts), columns as in `NAMES`."""
    out = np.zeros((len(texts), len(NAMES)))
    seen: dict[str, NDArray[np.float64]] = {}
    for i, text in enumerate(texts):
        low = text.lower().replace("’", "'")
        row = seen.get(low)
        if row is None:
            row = np.array([sum(1 for _ in p.finditer(low)) for p in _COMPILED], dtype=np.float64)
            seen[low] = row
        out[i] = row
    return out
