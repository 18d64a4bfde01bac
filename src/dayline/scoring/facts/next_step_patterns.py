"""Patterns of promises, bookings and acceptances, and of similar sentences that are none of these."""

from __future__ import annotations

import re

from dayline.scoring.facts.grammar import lines, pattern

WILL = (
    "(?:i|we)(?: will| am going to| are going to| shall| can(?= (?:send|email|text|mail|call|ring|ask|"
    "check|find)))(?: also| just| definitely| probably| still| then| actually"
    "| personally| go ahead and)?"
)
# Actions that always come after the conversation.
LATER = (
    "(?:send|email|mail|text|call|ring|phone|telephone|give (?:you|him|her|them) a (?:call|ring|shout|bell)|come "
    "back|be back|follow up|get back"
    "|drop (?:it|them|that|one|some|off)|drop (?:a|the)(?: \\w+){1,4}? (?:off|in|round|by|at|over)|drop "
    "by|stop by|swing by|pop back|pop (?:it|that|one|in|by|round)|write (?:it|that|this|you|up)"
    "|put (?:you|it|that|together|him|her|your name|in|an order|the order)|order|book|schedule|check "
    "with|ask (?:him|her|them|my|the|about|for|around)|talk to|speak to|speak with"
    "|find out|bring|credit|deliver|confirm|let (?:you|him|her|them) know|pass (?:it|that|this|them) on|"
    "get (?:you|it|that|them|him|her|those|the|a) (?:\\w+ ){0,6}?(?:by|on|to|over|sent|ready|written|"
    "quote|price|figures)"
    "|draw up|prepare|work (?:it|that|this|up)|price (?:it|that|this)|quote|look into|chase|sort (?:it|"
    "that|this) out|have (?:it|that|them|him|her|someone|somebody|the \\w+|my \\w+|our \\w+) (?:\\w+ "
    "){0,4}?(?:call|ready|ring|come|send|sent|by|out|text|email|delivered|installed|fitted|posted|done)"
    "|see you|meet you|meet him|be (?:here|there|in touch)|start|install|hold (?:it|that|the price|one|"
    "\\w+ with)|take (?:it|that|this) to|do (?:it|that|this)|come (?:round|over|out|by|up|and|on|down|"
    "myself)|mark it|move (?:it|that)|measure|look (?:at|over|through) (?:it|them|this|that)|read (?:it|"
    "through|that|over)|tell (?:him|her|them|my|the)|give (?:you|him|her|them) (?:mine|that|it|a|the|my|"
    "ours)|refund (?:it|you|that|the)|(?:go and|go) see (?:him|her|them|it)|drop you|drop (?:him|her)|"
    "dig (?:it|them|that) out|try (?:it|and|to)|hand "
    "(?:it|that)|go (?:round|by|over|through)|stop in|be (?:home|in|around|waiting))"
)
COMMITS = pattern(f"(?P<head>{WILL}) (?P<verb>{LATER})")
LET_ME = pattern(
    "(?P<head>let me) (?P<verb>(?:come back|get back|send|email|check with|find out|write (?:it|that) up|"
    "put together|look into|work (?:it|that|this)))"
)
OTHERS = pattern(
    *lines(
        """
        (?P<head>(?:(?:our|my|the|one of (?:our|my|the)) (?:technicians?|crew|guys?|people|man|men|team|office|
        installers?|driver|lads?|fitters?|boys?|girl|lady|scheduler|engineer|electrician|sparky|plumber|colleague|
        manager|tech|surveyor|roofers?|department|accounts|foreman|boss|warehouse|nurse|rep)|somebody|
        someone)(?: from the office| from accounts)? (?:will|is going to|are going to)) (?P<verb>call|ring|come|be|
        start|begin|install|deliver|contact|email|text|send|phone|do|bring|measure|fit|get)
        """
    )
)
BOOKED = pattern(
    "(?P<head>(?:(?:i|we)(?: will| have| have got| just| am going to)? )?)"
    "(?P<verb>(?:put|got|have|pencil|pencilled|penciled|booked|book|mark|marked|scheduled) you (?:down|in|booked|on)"
    "|(?:see|talk to|speak to|meet|call|ring) you)"
)
OFFERED = pattern(
    "(?:i|we|our \\w+|to)(?: can| could| will)? (?P<verb>come back|come over|come out|come by|come|call|"
    "ring|meet|start|begin|do it|install"
    "|stop by|send|bring|deliver)"
)
PRESENT_STEP = pattern(
    "(?P<head>(?:i|we|then i|then we|and i|and we)(?: just| also)?) (?P<verb>(?:call|send|email|mail|come|ring|phone|"
    "start|begin|bring|meet|text|fill|install|deliver|drop|post|pop|swing|give you a (?:ring|call|bell|shout)|"
    "am (?:back|sending|mailing|emailing|calling|ringing|coming|bringing|posting|dropping|popping|putting|writing)|"
    "are (?:back|sending|mailing|emailing|calling|ringing|coming|bringing|posting|dropping)))"
)
MEANWHILE = pattern("until then|till then|before then|by then|in the meantime|meanwhile")
# What the customer will get on a given day: a promise of the rep, phrased from the customer's side.
YOU_GET = pattern(
    "(?P<head>you|then you|and you|so you)(?: will)? (?P<verb>(?:have|get|hear)) (?:it|that|this|them|from me|"
    "from us|the \\w+|my \\w+|a (?:quote|price|call|text|mail|letter|report))"
)
YOUR_STEP = pattern(
    "(?P<head>(?:please|so you|you|can you|could you|and you|then you)) (?P<verb>(?:call|ring|send|text|email|ask))"
)
# Words of a customer on the phone or to the family are no promise to the rep.
ASIDE = pattern(
    "bye|bye bye|hello|speaking|(?:my|your) (?:mother|mum|mom|sister|brother)|hon|babe|sweetie|honey|darling"
)
# Sentences about conditions, habits or the past.
NO_STEP = pattern(
    *lines(
        """
        (?:i|we) (?:will|can|could|would)(?: just)? (?:be honest|tell you|give you (?:that|an idea)|say (?:that|this|
        one)|let you (?:go|get)|get (?:out|off)|not)
        (?:be right back|be back in a (?:minute|second|sec|moment)|have a look|take a look|go and (?:get|look)|
        right there|right now|while (?:i am|we are) (?:here|standing)|in a (?:minute|second|sec|moment))
        every (?:year|month|week|three|six|time|spring|fall|day|other)|once a (?:year|month|week)|each (?:year|month|
        week|time)|always|usually|normally|per month|a month
        (?:used to|would have|could have|should have|last (?:time|year|week))
        (?:i|we) (?:can not|could not|will not|do not|would not)
        call it
        (?:will|would|can|could)(?: \\w+)? save you|do (?:it|that|them|this) (?:at|for) (?:about |just )?<NUM>
        (?:most people|some people|they) (?:will|would|can)
        (?:were|was|are|is) not interested
        get (?:on|off|going|moving) (?:up|down|out|home|my way|our way|then|so|now)
        not going to|(?:put you (?:down )?(?:as|through|on hold))|\\bnow\\b|hold on|hang on
        """
    )
)
CONDITION = re.compile(r"(?:^| )(?:if|unless|when|whenever|in case|because if|so if|even if) ")
NEVER_MIND_IF = re.compile(
    r"(?:^| )if (?:that suits|you like|(?:that|it) is (?:okay|all right|fine|good|easier|any help))(?!\S)"
)
QUESTION = re.compile(
    r"^(?:and |so |okay |then )?(?:can|could|would|will|shall|should|may|do|does|did|is|are|what|when|"
    r"where|how|which|who|why|should) "
)
ACCEPTS = pattern(
    *lines(
        """
        (?:is|be|would be|that is|sounds|works|suits)(?: just| absolutely| really)? (?:good|fine|great|perfect|okay|
        all right|ideal|for me|for us|best|me fine)
        ^(?:yes|yes yes|okay|sure|perfect|great|lovely|fine|good|all right|right|grand|brilliant|done|go on|awesome|
        super|excellent|wonderful|no problem|will do|can do|absolutely|of course|
        go on then|oh yes|yeah go on|deal)(?: that| yes| okay| please| then| is| do| we| i| it| thanks| thank| let|
         sure| go| great| fine| good| perfect|$)
        (?:works|suits|do) (?:for )?(?:me|us|fine|nicely)|that (?:works|suits|will do|would do)|(?:i|we|she|he|
        they) (?:will be|am|are|is) (?:here|(?:at )?home|in|there|around|free|off)(?: all day)?|i can do(?: \\w+)?|
        see you (?:then|monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow)|go (?:on then|ahead)|
        lets do (?:that|it)|put (?:me|us) down|looking forward|it is(?: fine| good| okay| then)?$
        """
    )
)
DECLINES = pattern(
    "no|not|can not|could not|will not|busy|away|another|instead|rather|better|nope|nah|working|"
    "chiropodist|cannot|sorry|but"
)

INVITES = pattern(
    "(?:^|so |and |okay |well |yes )(?:come|come back|come in|come by|ring|call|pop in|pop back|stop by|"
    "swing by|lets (?:do|say|make it|go (?:with|for))|(?:you|we) (?:can|could) (?:come|ring|call|do|start|meet)|"
    "make it)(?: \\w+){0,3}?"
)

# Any other action of the rep is a next step if a day after today is named for it.
ANY_PLAN = pattern(
    "(?P<head>(?:i|we)(?: will| am going to| are going to)) (?P<verb>(?!not|be|have|need|want|know|see|"
    "think|say|tell you|let you|"
    "never|only|just|always|get|give|do|call|send|take you|start again)[a-z]{3,}(?: (?:it|that|this|them|you|him|"
    "her|the|a|your|my))?)"
)

# Wider forms, which only the trained model tells from talk of other things.
ANY_ACTION = pattern(
    f"(?P<head>{WILL}|(?:i|we) (?:will|can|could|shall|would)|you will|(?:he|she|they|somebody|someone|"
    "(?:my|our|the) \\w+|[a-z]+) will) (?P<verb>(?!not|never|need|want|know|think|see(?! (?:you|him|her|them))|"
    "be honest|say|tell you|let you|like|love|hope|admit|bet|guess|wait|always|only|still|sit|stand)[a-z]+)"
)
BE_THERE = pattern(
    "(?P<head>(?:i|we|he|she|they|(?:the|my|our) \\w+)) (?P<verb>(?:am|are|is|will be|would be) (?:here|there|back|"
    "with you|in|round|over|by|coming|seeing \\w+|starting|off|at|on))"
)
ASKED_OF_REP = pattern(
    "(?P<head>(?:please |then |so |just |okay |well |yes |no )*)(?P<verb>(?:come|call me|ring me|phone me|text me|"
    "email me|send (?:me|us|it|them|that)|ring|bring|drop|pop|give me a (?:call|ring|bell|shout)|try me|do it|"
    "make it))"
)
REJECTS = re.compile(r"\b(?:can not|could not|not|nothing|no(?! (?:problem|trouble|bother|worries)))\b")
IS_TAKEN = re.compile(
    r"\b(?:i|we|he|she|they)(?: (?:have|has|had|have got|has got|am|are|is|will be))"
    r"(?: (?:at|in|on|off|away|to|got|the|a|an|my|our|his|her|another|busy|working|be)\b|.*\bon $)"
    r"|\bthat is (?:the|my|our) "
)
"""Words that say what else the speaker has on a day."""
