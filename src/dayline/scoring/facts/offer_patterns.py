"""Words around amounts that are prices of the rep, and around those that are not."""

from __future__ import annotations

import re

from dayline.scoring.facts.grammar import lines, pattern

NOT_OFFER = pattern(
    *lines(
        """
        (?:he|she|they|you|your \\w+) (?:paid|pay|pays|are paying|were paying|spent|spend|are spending|told me|said|
        had|lose|lost|owe|wanted)
        (?:saves?|saving|save you|you save|off|less than|under|cheaper|discount|deductible|worth|bill|instead of|
        used to|was paying|went up|last (?:year|time|guy)|deposit of|fine of|budget|in mind|under your|difference|
        between)
        (?:not|no|nothing) (?:over|more than|above)|would have been|could have been|if it was|somebody else|
        other (?:company|guy|guys)|(?:rebate|grant|credit|incentive|tax|fine|deductible|minimum)|(?:going|goes|
        went) up|that is what
        """
    )
)
FOR_WHAT = re.compile(
    r"(?:^|.*? )(?P<what>(?:the|a|an|both|all|each|one|two|three|four|five|six|our|your)(?: \w+){1,9}?) "
    r"(?:is|are|comes to|come to|costs?|would be|will be|runs|run)(?: about| only| just| around| like)?$"
)
AFTER_FOR = re.compile(
    r"^ (?:for|on) (?P<what>(?:the|a|an|both|all|each|our|that|your)(?: \w+){1,4}?)(?: and| but| so| with|$)"
)
ELSEWHERE = pattern(
    *lines(
        """
        if (?:this|it) lasts|costs? (?:me|us)|you would (?:have|cover|clear|end up)|credited|a credit
        (?:weight|weighs|weigh|lift|lifts|heavy|hold|holds|load)|<NUM> (?:pounds|pound) (?:with|of|each|hangs)
        (?:insurance|neighbor|neighbors|customer|customers|family|client)(?: \\w+){0,8} (?:paid|pays|got|saved|spent)
        (?:at the store|yourself|ask them|refund|we do not sell|on your (?:fuel|account)|envelope|slip|painter|
        a year ask)|(?:i|we) have got <NUM> <CUR> for
        that is a <NUM> <CUR> \\w+|throw in|<CUR> (?:down|off|less|cheaper|more)
        (?:pays? for itself|will save you|you save|saves you|you would save)
        """
    )
)
ALL_IN = pattern("<NUM> (?:installed|all in|fitted|plus vat|plus tax|including)")
# A number followed by words that follow only prices.
BARE_PRICE = pattern(
    *lines(
        """
        (?:it is|that is|it would be|that would be|it will be|that will be|it comes to|that comes to|you are looking at|
        i can do|do it for|i am at|we are at|is|be)(?: just| only| about| around| roughly)? <NUM> (?:a (?:month|head|
        visit|user|seat|kilo|metre|meter|night|room|bed|panel|bottle|case|box|pair|term|treatment|square \\w+)|
        an hour|each|per \\w+|plus vat|plus tax|installed|fitted|delivered|all in|altogether|all together|
        for the (?:lot|two|pair|whole|month|term|first|job)|with (?:the \\w+|service|installation|fitting|delivery))
        (?:the|your|a) (?:price|total|cost|deposit|lease|package|membership)(?: \\w+){0,4} (?:is|comes to|would be|
        will be) <NUM>
        """
    )
)
# A part of a price that is paid at once is no price.
PART = pattern(
    *lines(
        """
        (?:pay|pays|put|put down|deposit of|deposit is)(?: \\w+){0,2} <NUM>(?: <CUR>)? (?:now|down|today|up front)
        <NUM>(?: <CUR>)? (?:now|down|today|up front)(?: \\w+){0,2} (?:rest|balance|remainder)
        """
    )
)
# What others say that something costs, and a price spread over its uses, are no offers whoever names them.
HEARSAY = pattern(
    "(?:they|people|some people|experts|studies|some) (?:all )?(?:reckon|say|says|claim|estimate|think|tell you)",
    "<NUM>(?: <CUR>)? (?:i|we) (?:can|could|will) (?:take|knock|get)",
    "if (?:you|we) (?:look at|think of|break|spread|take|divide) (?:it|that|this)(?: \\w+)? (?:per|by|down|over|as)",
)
# A prize, the result of a sum over the customer's own figures, what somebody loses and what is owed are no offers
# either.
COUNT = pattern("for (?:the|all) <NUM>$")
"""A number of things that a price is for: "that's five fifty-two for the eighty"."""
NO_PRICE = pattern(
    "<NUM>(?: <CUR>)? (?:for|to) (?:the|each|every) (?:winners?|champions?|runners? up|best \\w+)",
    "<NUM>(?: <CUR>)? (?:and |which )?(?:that )?is what you (?:paid|pay|are paying|were paying)",
    "<NUM>(?: <CUR>)?(?: (?:a|per|every) \\w+)? (?:that )?(?:he|she|they|you|we) (?:is|are|have been)(?: \\w+){0,2} "
    "(?:throwing|losing|wasting|burning)",
    "(?:tax credit|credit|rebate|grant|refund|discount|deductible|fine|penalty|savings?)"
    "(?: would be| is| was| will be| comes to)(?: about| around| up to| roughly)? <NUM>",
    "<NUM>(?: (?!<CUR>)\\w+){0,2} minimum|minimum(?: of| is)? <NUM>(?! <CUR>)",
    "(?:account|balance|tab)(?: is| was| stands)? (?:at|on) <NUM>",
    "(?:pence|cents|cent|p) (?:on|off|times) <NUM>(?: \\w+)?(?: a \\w+)? (?:that is|is|makes|comes to) <NUM>",
)
SIZE = pattern(
    "<NUM> (?:mil|mils|mm|millimetres?|millimeters?|cm|centimetres?|centimeters?|inch|inches)(?!\\S)",
    "(?:height|width|depth|length|drop|size|diameter)(?: \\w+)? is <NUM>",
)
BY_THE_POUND = pattern("<NUM>(?: <CUR>)? (?:a|per) pound")
NAME = pattern("^the <NUM> (?:that is|it is|is) the")
OF_OTHERS = pattern("(?:his|her|their|your|my)(?: \\w+)? <NUM>|not <NUM>")
# "A twelve pound cheese" describes the cheese; "about ten grand a year" is an estimate of gain or loss.
DESCRIBED = re.compile(
    r"^ (?!a |an |per |each|and |for |for|plus |now|then|to |off|with |in |on |if |or |but |that )[a-z]+"
)
ESTIMATED = re.compile(r"(?:about|around|roughly|nearly|some) $")
OWNED_BY = re.compile(r"(?:your|my|his|her|their|our|those|these) $")
OWNED = re.compile(r"(?:a|an|the|your|my|his|her|their|our|those|these) $")
BARE_LEAD = re.compile(
    r"(?:^|(?:it is|that is|is|are|be|comes to|for|at|about|around|only|just|of|does|do you|do it for) "
    r")(?:about |around |only |just |like |roughly )?$"
)
PERSON_LEAD = re.compile(
    r"(?:she|he|you|i|they|we) (?:is|are|am|was|were) (?:about |around |nearly )?$|(?:number|age|aged|"
    r"page|room|in|since) $"
)
