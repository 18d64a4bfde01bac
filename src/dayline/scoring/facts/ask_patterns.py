"""Words of requests for a decision, a payment and an appointment, and of sentences that are none.

Times are replaced by "@day", "@now" or "@clock" before these are matched (`asks`).
"""

from __future__ import annotations

from dayline.scoring.facts.grammar import lines, pattern

DECISION = pattern(
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
         your \\w+)? (?:right |just )?(?:here|there|where|with your finger|on the line|at the bottom)
        (?:stick|get|just) (?:the|your) name (?:on|at|to|here|there)
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
PAYMENT = pattern(
    *lines(
        """
        how (?:would|do|did|will|are) you<FILL> (?:like|want|wish|wanting|going|plan|prefer)? ?(?:to )?(?:pay|settle|
        paying)
        (?:by |on |with )?(?:a )?(?:card|cash|check|debit|credit) or (?:by |on |with |a )?(?:card|cash|check|debit|
        credit|account|transfer)
        ^(?:so )?(?:card|cash|check|cheque) (?:card|cash|check|cheque|okay|all right)$
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
APPOINTMENT = pattern(
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
POSSIBLE = pattern(
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
ONLY_TIME = pattern("^(?:so |then |okay )?@day(?: then| okay)?$")
# Requests for consent to a time that was named just before.
CONSENT = pattern(
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
NOT_ASKS = pattern(
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
        (?:shall|should|can|may) (?:i|we) (?:just )?(?:tell you|read|explain)
        what (?:did|would) i (?:just )?(?:say|tell)
        i would put (?:it|that) in|i will write (?:it|that)|leave you (?:a|my|the|one of my) (?:card|leaflet|flyer|
        number|brochure|chart)|try to
        (?:do|did|would) you want to (?:do|get) the (?:talking|honors)
        ^(?:so |and |then )?(?:why|how come) (?!do not (?:we|i|you)).*
        """
    )
)
# A question about a habit or the past contains a time but is no request ("how was Monday", "what did you do today").
HABIT = pattern(
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
