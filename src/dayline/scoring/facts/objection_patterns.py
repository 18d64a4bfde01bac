"""Patterns of objections, of complaints and stories that are no objections, and of the answers to objections."""

from __future__ import annotations

from dayline.scoring.facts.grammar import lines, pattern

MEANING = {
    "price": pattern(
        *lines(
            """
            (?:is it|is that|will it be|it is|that is)(?: going to be)? (?:expensive|dear|extra)$
            <NUM>(?: and a (?:half|quarter))? (?:is )?too much|<NUM>(?: and a half)? you make <NUM>
            (?:percent|price|that|this) i can not (?:give|pay|do|afford)
            (?:do not|not) spend <NUM>
            (?:could|can|would) you do (?:it for |me |us |that for )?(?:a thousand|a hundred|<NUM>)(?:$| (?:<CUR>|
            then|cash|if))
            (?:crazy|mad|daft|ridiculous|robbery|shocking|unbelievable) what you(?: \\w+){0,2} (?:charge|ask|want)
            <ME> (?:am|are) not (?:paying|making a payment|spending)
            knock it down|can you knock
            (?:have|have got|got) (?:no|nae|nothing|not got) (?:money|cash)(?: \\w+){0,3}
            (?:have|have got|got) nothing for you
            what would <ME> want with
            call it (?:a |about )?<NUM>(?: <CUR>)? (?:an hour|a day|a month) (?:to|for)
            (?:too|so|bit|very|pretty|really|rather|kind of|quite|awfully|hell of) (?:expensive|pricey|steep|dear|
            rich for|costly)|(?:price|that) is too high
            (?:is|was|sounds|seems|looks|that is) (?:a bit |a little |too |rather |pretty |so )?(?:expensive|pricey|
            steep|dear)
            (?:is|was) (?:still )?(?:a lot|an awful lot|too much|much more|way more|more|a fair bit|quite a bit|
            a bit more|a chunk|a fortune)(?: of money| of cash)? (?:than (?:i|we) (?:thought|wanted|expected|planned|
            had|hoped|figured|budgeted|pay|was|were|am|are)|for (?:a|us|me|that|the|one|some|what|just))
            (?:is|was) (?:still )?(?:a lot|an awful lot|too much|much|a heck of a lot|way too much) (?:of )?(?:money|
            cash)
            (?:way |far |bit )?too much(?: money)?(?: for (?:me|us|that|a|this))
            (?:more|higher|bit more|lot more) than (?:i|we) (?:thought|wanted|expected|planned|budgeted|hoped|
            figured|would like|can|could|had)
            <ME> (?:was|were) (?:hoping|thinking|expecting)(?: for| it would be| more like| something| to (?:pay|
            spend)| around| about)(?: \\w+){0,6} (?:<NUM>|less|under|cheaper|lower)
            <ME> (?:had|have)(?: got)? <NUM> in mind
            <ME> (?:can not|could not|do not|cannot)(?: really| just| possibly)? (?:afford|justify|stretch to|
            spend (?:that|so)|pay (?:that|so)|run to)
            not sure (?:if |that |whether )?<ME> can (?:pay|afford)
            (?:out of|over|not in|is not in|above|beyond|outside) (?:my|our|the)? ?(?:budget|price range)
            (?:no|not got the|do not have the|have not got the|do not have all (?:of )?that|no spare|
            do not have any) (?:money|budget|cash|funds)
            do not have (?:all )?(?:of )?that(?: \\w+){0,3} (?:bank|money|lying around|right now)
            (?:was|were|is|are) not (?:planning|plan|wanting|looking|expecting) (?:on |to )?(?:spend|spending|pay|
            paying)
            (?:can|could) you (?:do|come down|knock|drop|take|get)(?: \\w+){0,3} (?:any better|better|cheaper|off|
            down|less|lower|discount)
            (?:is that|what is) (?:your|the) best (?:price|you can do|offer|number)
            (?:any|got a|have a|give me a|want a|no) discount
            wanted to spend less
            for that (?:money|price|kind of money)
            (?:money|things) (?:is|are) (?:tight|short|very tight|a bit tight|really tight)
            ^(?:oh |wow |what |jeez |so )?<NUM>(?: <CUR>)?(?: an hour)? (?:for (?:a|an|one|that|some|just) \\w+|
            to \\w+ a|is a (?:lot|fortune|joke|bit))(?: \\w+)*
            (?:jeez|wow|ouch|whew|blimey|crikey|bloody hell|christ|my god) (?:that much|for that|for a \\w+|is too|
            that is (?:too|a lot))
            """
        )
    ),
    "timing": pattern(
        *lines(
            """
            (?:not|do not (?:want|need)(?: \\w+){0,3}) (?:right now|this (?:year|month|season)|for now|at the moment)
            (?:bad|wrong|terrible|not a good|not the right|not a great|worst) (?:time|moment)
            (?:i am|we are|i am really)(?: a bit| kind of| so| too| pretty| really| very| quite| rather)? (?:busy|
            in the middle of|slammed|flat out|rushed off)
            (?:do not|have not)(?: really)? (?:have|got)(?: \\w+){0,3} (?:time|a minute|the time)(?! (?:we|i|
            you) need)
            (?:wait|hold off|leave it|revisit it|look at it|come back to it|put it off) (?:till|until|
            for (?:a|two|another|now)|after|next|a (?:year|few|couple|while)|another)
            (?:maybe|perhaps|probably|ask me|try me|come back|not till|not until) (?:next (?:year|month|spring|
            season|summer)|in the (?:spring|new year|fall|autumn)|after (?:christmas|harvest|the (?:season|holidays|
            summer))|later|another (?:time|day)|some other time)
            too (?:soon|early) (?:for|to)
            (?:i am|we are) not ready
            """
        )
    ),
    "authority": pattern(
        *lines(
            """
            <ME> (?:talk|speak) to the (?:elder|elders|pastor|deacon|council|committee|chairman|others|bishop)
            (?:<ME>(?: \\w+){0,2} (?:have|need|got|want|ought|had|like|better|should|must)|<ME> (?:will|would) have|
            <ME> (?:will|would)|let me|(?:he|she) is going)(?: to)?(?: just| really| first| probably| also)? (?:talk|
            speak|check|discuss|clear|confirm|chat|run|ask|see what|go over|square)(?: about)?(?: it| this| that|
             them| these| things)?(?: about it)?(?: over)?(?: with| to| by| past)? (?:my|our|her|him|them|his|head|
             corporate|legal|accounts|purchasing|the (?:<WHO>|others|office|bank|team))
            (?:talk|think) (?:it|this|that) over with
            (?:it is |that is |is )?not (?:really )?(?:my|up to me|for me to) ?(?:decision|call|say|decide|choice|
            department)?(?: to make)?$
            not (?:my|up to) (?:decision|call|me|place)
            <ME> (?:do not|can not|am not|could not|cannot|am not allowed to|are not allowed to)(?: really| even|
             just)? (?:make (?:that|the|those|these) (?:decision|call|choice)|decide|sign (?:anything|for|that|it|
             off)|authorize|approve|buy (?:anything|a)|agree to)(?: \\w+){0,6}(?: without| alone| on my own| until|
              by myself| myself|$)
            can not decide(?: \\w+){0,3} without
            (?:my|the|our) <WHO> (?:has to|have to|needs to|need to|makes the|makes all|decides|handles|deals with|
            takes care of|signs|would have to|would need to|would want to|will want to|will have to)(?: \\w+)*
            (?:up to|depends on|ask|down to|decision of|comes from|goes to|goes through|decided by|decides at|
            approved by) (?:my|our|the) (?:<WHO>|group|head|office|head office|bank|office downtown|owners?|landlord|
            council)
            (?:she|he|they) (?:would|will) (?:want|have|need) to (?:see|agree|approve|decide|look|hear|sign|okay|
            be here|know)
            (?:everything|anything)(?: over| above)?(?: \\w+){0,5} goes (?:through|to) (?:the|a|my|head)
            (?:it is|has to be|will be|would be) (?:the|my|our) (?:group|board|bank|trust|council|landlord|committee|
            <WHO>)(?:s decision|s call| that decides| who decides|$)
            i am (?:just|only) (?:the|a|an|renting|minding|looking after|here)(?: \\w+){0,4}$
            (?:we are|i am) (?:just |only )?(?:renting|tenants|a tenant|the tenant)
            """
        )
    ),
    "need": pattern(
        *lines(
            """
            (?:going to |will |can |rather )?do(?:ing)? it (?:ourselves|myself|yourself then)
            <ME> do not need (?:anybody|anyone|somebody|someone|you) to
            <ME> have it covered|so you need not
            <ME> (?:do not|would not)(?: really)? want any of (?:it|this|that|them)
            (?:do not|do not you) (?:you )?sell me
            ^no no no|^no (?:form|thank you|thanks|sale)
            still at no|^i am at no
            i came for \\w+$
            (?:it is|that is|mine is) working(?: fine| okay)?(?: that|$)
            <ME> (?:do not|would not) want a \\w+(?:$| (?:i|we|and|but))
            (?:am|are|was|were|is)(?: really| just)? not(?: really| all that| that| particularly)? (?:interested|
            looking for|in the market|bothered)
            (?:do not|did not|would not|will not)(?: really| actually| honestly)? (?:need|want) (?:(?:it|one|that|
            this|them|any|anything|another|another one|any more)(?:$| (?:thanks|thank you|and|but|so|i|we|anyway|
            right now|now|at|really|here|done|from|else))|to (?:change|switch|buy|replace|swap)|your)
            (?:we|i)(?: have)? (?:already|have already|just) (?:have|got|had|bought|did|done)(?: \\w+){0,3} (?:one|
            it|them|that|a|ours|already)
            (?:(?:works?|working|runs|doing us|does us)|(?:our|my) \\w+(?: \\w+)? (?:is|are))(?: just| perfectly|
             absolutely| still)? (?:fine|well enough|good enough|perfectly well|okay)(?: for (?:me|us|now|
             what))?(?: as it is| as they are| thanks| thank you)?(?:$| (?:i|we|and|so|but))
            (?:am|are)(?: very| quite| pretty| perfectly)? (?:happy|fine|good|all set|sorted|covered|all right|
            okay) (?:with (?:what|who|the one|our|my|them|it|how)|as (?:we|i) (?:are|am)|for now|thanks|thank you|
            the way)
            (?:am|are) all set
            no (?:no )?(?:thank you|thanks|thankyou)
            (?:why|what) (?:would|should) <ME> (?:want|need|change|switch|pay|bother|buy|swap)
            (?:why|what) (?:do|would) <ME> need (?:a|it|that|one|another|to)
            (?:what is|do not see|can not see) the point
            (?:not|never) (?:really )?(?:use|used) (?:it|that|them)(?: \\w+)? (?:much|enough|that much|often)
            """
        )
    ),
    "trust": pattern(
        *lines(
            """
            scam|scammed|con men|cowboys?|rip off|ripped off|(?:too|sounds too) good to be true
            how do <ME> know(?: that| if| you)?(?: \\w+){1,}
            (?:what is|where is|there is always a|always a|the) catch
            (?:have |had )?never heard of (?:you|your|them|that company|it)
            (?:got|been|was|were|getting|have been) (?:burned|burnt|stung|screwed|conned|had over|done over|cheated)
            do not (?:really )?(?:trust|believe)(?: \\w+){1,}
            (?:they|you lot|you guys|you people|salesmen) all (?:say|says|promise)(?: \\w+)*
            that is what (?:they|you) all say
            what if (?:it|they|you) (?:still |just )?(?:leaks?|breaks?|fails?|stops?|does not|do not|goes wrong|
            go bust|go under|goes bust)(?: \\w+)*
            (?:sounds|seems|smells) (?:fishy|dodgy|off)|a bit (?:dodgy|fishy)|i am (?:skeptical|sceptical|suspicious|
            not convinced|not so sure about (?:you|that|this))
            """
        )
    ),
    "competition": pattern(
        *lines(
            """
            (?:my |the |our )?(?:brother|cousin|son|father|nephew|uncle|friend|neighbor)(?: in law)? says he can do it
            happy with (?:our|my|the)(?: current| present| own)? (?:supplier|provider|vendor|company|bank|agency|guy|
            people|lot|contractor|broker)
            the other (?:guys?|man|outfit|fella|company|lot|one) (?:will|would|take|takes|said|says|wants|does|do)
            (?:getting|going to get|going with|take|taking|go to|going to) the other (?:man|guy|one|outfit|fella|lot|
            company)
            they (?:said|quoted|offered|want|wanted|do it for|will do it for) <NUM>(?: <CUR>)?
            (?:have got|got|have|had) a (?:quote|price|offer) (?:from|of|at|off)
            (?:or|otherwise|then) i am (?:going|off) to (?!be|have|do|get|go|the (?:bank|shop|store|doctor))\\w+
            (?:another|other|different|second|third|two|three|couple|few|couple of|some)(?: more| other)? (?:quotes?|
            estimates?|prices?|offers?|bids?|opinions?)
            (?:another|the other|other|one other) (?:company|companies|guy|guys|firm|supplier|lot|crowd|fella|people|
            outfit)(?: \\w+){0,3} (?:is|was|are|were|offers?|offered|quoted|quotes|does|do|charges?|wants?|wanted|
            gave|can|will|would|take|came in)(?: \\w+){0,6}(?: cheaper|less|better|lower|for|at|<NUM>|more)
            (?:shop|shopping|look|looking|ask|asking) around
            (?:cheaper|less|better price|half the price|for less|half that) (?:elsewhere|online|somewhere|
            on the (?:internet|computer)|from|at the|at|than you|with)
            (?:saw|seen|found|get|got|buy|have|had)(?: \\w+){1,5} (?:for|
            at) <NUM>(?: <CUR>)?(?: \\w+){0,2} (?:online|elsewhere|at the|on the|from|cheaper)
            (?:saw|seen|found) (?:one|it|them|that)(?: \\w+){0,6} for <NUM>
            (?:compare|comparing) (?:prices|quotes|offers|it|them|you)
            (?:been|we are|i am|are|already|am) with (?:them|those|the same|another|somebody|someone|our|
            my)(?: \\w+){0,6} (?:for|since|years|already|now|happy)
            (?:already|currently) (?:have|use|using|with|got)(?: a| an| our| my)? (?:supplier|vendor|provider|
            company|guy|contractor|firm|rep|dealer|broker|agent|man|person|installer|cleaner)
            (?:have|got|we have|i have)(?: already)? (?:a|our|my)(?: own)? (?:guy|supplier|vendor|man|fella|
            contractor)(?:$| (?:for|who does|that does|already))
            """
        )
    ),
    "delay": pattern(
        *lines(
            """
            (?:we|i) will talk about it|not talking about it
            (?:think|thinking) (?:about it|it over|on it|it through|about that|on that|that over|about this|
            this over|things over)
            (?:have|need|want|like|got)(?: to| some| a bit of| a little| more)+ (?:time )?(?:to )?think
            sleep on (?:it|that|this)(?:$| first| and| tonight)
            (?:i will|we will|let me)(?: just)? (?:let you know|get back to you|be in touch|give you a call if|
            call you if|ring you if)(?: \\w+){0,4}$
            (?:do not|not going to|will not|can not|not)(?: want to| going to)? (?:decide|sign anything|sign|commit|
            rush)(?: \\w+){0,3} (?:today|now|right now|tonight|right away|into)
            (?:in no|not in any|not in a|no) (?:hurry|rush)(?: to \\w+)?(?! at all dear)
            (?:i am|we are) not sure$
            """
        )
    ),
    "terms": pattern(
        *lines(
            """
            (?:hate|do not (?:like|do|want|sign)|not signing|no|never sign|another|not another) (?:a |any |another |
            more |those )?(?:long )?contracts?
            (?:so )?(?:it is|is it|is that|is this) (?:a|another|on a) (?:long )?contract
            (?:being |getting |get |be |am |are )?(?:locked|tied) (?:in|into|down|up)(?: \\w+)*
            (?:hate|dislike|do not like) (?:being|getting)(?: \\w+)? (?:tied|locked|stuck)
            not (?:going to |want to )?sign(?:ing)? (?:anything|nothing|something)
            (?:fine|small) print|hidden (?:fees?|charges?|costs?)
            (?:cancellation|early termination|exit|setup|set up|install|installation|non compliance) (?:fee|
            charge)(?: \\w+)*
            (?:do not|not going to|not) (?:want to )?(?:pay|put|give|leave|giving|paying)(?: \\w+){0,3} (?:deposit|
            up front|upfront|in advance|down)
            """
        )
    ),
}
# Consent to a date settles when to talk again, but does not answer an objection to the price.
OF_SUBSTANCE = frozenset({"price", "competition", "trust", "terms", "need"})
KINDS = ("price", "authority", "competition", "trust", "delay", "terms", "timing", "need")
# Another person's price, trouble or past is a story, unless the sentence also refers to this offer.
STORY = pattern(
    *lines(
        """
        years? ago|i (?:told|said to) (?:him|her|them)|last (?:year|time|winter|summer|spring|fall|week|month)|
        (?:back|way back) (?:in|when)|used to|years back
        (?:they|he|she|the last (?:guy|one|company|lot|people|fella)|the (?:other|previous|old|first) (?:guy|one|
        company|lot|people|fella)|my (?:brother|sister|neighbor|mother|father|friend|mate|cousin|aunt|
        uncle)(?: in law)?)(?: \\w+)? (?:asked|wanted|charged|paid|was|were|had|tried|sold|came|did|got|took|told|
        quoted|never|said)
        """
    )
)
# A turn that begins with what became of somebody else's one, and one that is in favour: the encoder takes both for
# objections at times.
STORY_FIRST = pattern(
    "^(?:and |but |so |well |because |no )?(?:(?:my|the|our|a|that|this|had a|last) )?(?:\\w+ )?(?:friends?|brother|"
    "sister|cousin|nephew|niece|neighbou?rs?|mate|pal|guy|man|fell?a|feller|fellow|bloke|lad|woman|lady|uncle|aunt|"
    "auntie|\\w+ in law)(?: \\w+){0,6}? (?:had|got|gave|paid|did|bought|put|used|uses|rented|plugs|went|sold|sell|"
    "built|told)"
)
IN_FAVOUR = pattern(
    "i say we do (?:it|that)|i am not against (?:it|that)",
    "(?:i|we) (?:would|will) go with|so what if we (?:had|took|did)",
    "(?:that is|is) more like (?:it|my (?:money|price|budget))",
    "(?:i|we) thought it would be (?:dearer|more|a lot more|higher)",
    "(?:i|we) (?:was|were) (?:afraid|frightened|worried) you would say",
    "(?:can not|could not|no) (?:argue|arguing) with (?:that|it|the price|you)",
    "(?:is|was) not (?:what|as (?:bad|much|dear|high) as) (?:i|we) (?:was|were|am|are|had)?(?: been)? ?"
    "(?:dreading|dreaded|fearing|feared|braced for|bracing for|afraid of|worried about)",
)
IS_OWNER = pattern("^(?:well |but |no )?(?:i am|that is me) (?:the|an?) (?:owner|boss|manager|director|decision maker)")
PAIN = pattern(
    *lines(
        """
        (?:heat|heating|bill|bills|electric|electricity|gas|power|water|rent|fuel|repairs|insurance|premium|energy|
        oil|therapy|surgery|daycare|school|mortgage|tax|taxes)(?: \\w+){0,4} (?:expensive|too much|a lot|steep|dear|
        high|went up|gone up)
        (?:pay|paying|paid|spend|spending|spent|costs?|costing)(?: us| me)?(?: \\w+)? (?:a lot|too much|so much|
        a fortune|an arm)(?: of money)?(?: \\w+)? (?:for|on|in|every|each|to) (?:the |my |our )?(?:heat|heating|bill|
        bills|electric|electricity|gas|power|water|rent|fuel|repairs|winter|summer|month|year|moment|now)
        (?:we|i) (?:pay|are paying|am paying|spend|paid)(?: \\w+){0,3} (?:a lot|too much|so much|a fortune)
        """
    )
)
# "If the price is right, we would take both" states a condition of consent.
WOULD_IF = pattern(
    "^(?:and |but |so |yes )?if (?:\\w+ ){1,8}(?:i|we) (?:would|will|might|could)(?! not| never)",
    "(?:i|we) would(?: \\w+){1,6} if (?:the price|it|you)(?: \\w+)? (?:is|are|can|could|was|were|fits|works)",
)
OTHERS_DELAY = pattern(
    "(?:not|never)(?: even)?(?: want to| going to)?(?: \\w+)? think|(?:do not you|unless you|if you|"
    "would you|you) (?:want|need|like)?(?: to)? ?(?:think|sleep)"
)
PRESENT = pattern(
    "(?:(?:i|we) (?:have been|am|are) with|you|your|this|today|now|i am not|we are not|not interested|"
    "too expensive for (?:us|me))"
)
SOCIAL_OFFER = pattern(
    *lines(
        """
        anything else|any other|something else|any (?:more )?questions|(?:coffee|tea|water|drink|biscuit|cookie|card|
        sugar|milk|shoes|seat|bag|receipt|copy|photo)
        how are you|how is it going|how are things|how you doing
        """
    )
)
DENIED = pattern(
    "(?:not|is not|was not|never|nothing|no) (?:that |too |so |very |a |really |all that )?(?:expensive|"
    "bad|steep|dear|much|pricey|scam|catch)"
)
AGREES = pattern(
    *lines(
        """
        (?:that |it )?(?:makes sense|sounds (?:good|better|great|fair|right|okay|reasonable)|helps(?: a lot)?|
        is (?:fair|good|better|great|true|fine|okay|reasonable|fair enough|easier|not (?:so |too )?bad|perfect|
        a (?:good|fair|great|clever|smart) (?:point|idea|deal|offer)))
        (?:i|we) (?:like (?:that|it)|can (?:do|live with|manage) (?:that|it)|love (?:that|it))|that i can do|
        you are right|fair enough|good point|okay (?:good|great|then)|i see(?: your point)?|lets do (?:it|that)|
        all right then|works for (?:me|us)|i will take
        """
    )
)
ACKNOWLEDGES = pattern(
    *lines(
        """
        i (?:understand|hear you|get (?:it|that)|appreciate|see|know|can imagine|would (?:be|feel|do) the same|
        do not blame)|that is (?:fair|a fair|understandable|a good (?:question|point)|okay|all right|fine)|
        makes sense|(?:totally|fair|completely) (?:fair|enough|understand|point)|you are right|no (?:problem|
        pressure|rush|worries)|good (?:question|point)|of course|sorry(?: to hear| about)?|many people|
        a lot of people|i hear that
        """
    )
)
SUBSTANCE = pattern(
    *lines(
        """
        warranty|warrantied|guarantee|guaranteed|includes?|included|including|saves?|saving|free|for nothing|
        no (?:charge|fee|cost|extra|interest|contract)|without interest|in writing|refund|cancel|month to month|
        any time|over (?:two|three|five|ten|\\w+) (?:years|months)|a month|percent|years?|customers?|neighbors?|
        because|instead|split|discount|cheaper|less|half|difference|the reason|licensed|insured|certified|tested|
        i can (?:show|send|give|do|get|leave|put)|we can|we (?:do|use|come|write|take|put|include)|(?:you|it) (?:get|
        gets|can|will|would|pay|keep)
        """
    )
)

# Somebody who went over to the rep's firm speaks for it, and so does who likes a thing more than expected, pays more
# elsewhere, turns another one down, has put money aside for it, tells what it would cost to go without, or would buy
# at a right price.
FOR_OFFER = pattern(
    "(?:went|gone|goes|moved|switched|came|come|changed)(?: back| over)? to "
    "(?:you lot|you guys|you and|your (?:lot|firm|company))",
    "(?:i|we)(?: do| really| quite)? (?:like|love|prefer|enjoy)(?: \\w+){0,3} more than",
    "(?:that|it|you) (?:is|are)(?: a bit| a lot| much| still)? (?:less|cheaper) than (?:what )?(?:i|we) "
    "(?:am|are|was|were|pay|paid|have been)",
    "(?:tell|told|telling|say to|said to) (?:\\w+ ){1,4}no (?:thank you|thanks)",
    "(?:i am|i would be)(?: very| too| quite)? (?:dear|expensive)",
    "(?:have|had) (?:put|set|saved|got)(?: \\w+){0,2} <NUM>(?: <CUR>)?(?: \\w+){0,4} for (?:this|it|that)",
    "(?:if|when) (?:\\w+ ){1,8}(?:it|that) would cost (?:me|us)",
    "if the (?:\\w+ )?(?:price|cost|money|number|figure|deal|terms) (?:is|are|was|were) (?:right|good|okay|ok|fair)",
)
# A no to the contrary concedes the point ("I'm not saying it isn't good"); an apology for what is said beside it holds
# nothing against the offer.
CONCEDES = pattern(
    "(?:am|are) not (?:saying|sayin) (?:that )?(?:it|that|this|you|yours|they|there|he|she|we|i|the \\w+)(?: \\w+)? "
    "(?:is|are|was|were|do|does|did|has|have|had|would|will|could|can) not(?: (?!but\\b)\\w+){0,6}$",
)
ONLY_COURTESY = pattern(
    "^(?:(?:look|listen|hey|well|now|sorry|and|but|please|so) )*(?:i do not (?:want|mean|wish|like) to be (?:rude|"
    "funny|awkward|difficult|unkind|a pain|ungrateful)|(?:there (?:is|are) )?no (?:hard feelings|offence|offense|"
    "disrespect)"
    "(?: (?:meant|intended|to (?:you|anybody|anyone)))?)$",
)
