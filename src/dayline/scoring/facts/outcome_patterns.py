"""Patterns of what is said around an order and a refusal: consent, confirmation, giving up, the work that follows."""

from __future__ import annotations

from dayline.scoring.facts.grammar import lines, pattern

CONFIRMS_ORDER = pattern(
    *lines(
        """
        welcome (?:aboard|to the family)|congratulations|(?:sign|initial|scribble|put your name|
        write your name)(?: it| the \\w+| your name)? (?:right |just |with your finger |please )?(?:here|there|
        at the bottom|on the line|with your finger)|your order (?:is|number|has|will)|your orders in|<NUM> done|
        names and a date of birth|date of birth|(?:got you|you are|
        you are all) (?:signed|booked|signed up|all set)|thank you for (?:your (?:business|order|trust)|choosing)|
        thanks for (?:your order|the order|choosing)|your confirmation|(?:a|the|your) deposit (?:of|is|today|now)|
        that is (?:the order|ordered|you signed up|you booked)|drivers license|sort code|card number|account number
        """
    )
)

REP_GIVES_UP = pattern(
    *lines(
        """
        (?:that is|is) a no(?: for now| then|$)|(?:not interested|put you down as not)|(?:no (?:worries|problem|
        hard feelings|bother))(?: \\w+){0,3}$|(?:sorry (?:to|that i) (?:bother|bothered|have bothered|disturb|took))|
        i will (?:leave you|let you) (?:to it|alone|get on|be|go)|if you (?:ever|do) change your mind|
        i will not (?:bother|keep)
        """
    )
)

# Actions after an order: work, delivery, a signature. A next step in these words is more than an appointment.
WORK = pattern(
    *lines(
        """
        (?:install|installed|installation|fit|fitted|fitting|deliver|delivered|delivery|ship|ships|shipped|dispatch|
        crew|fitter|engineer|treat|treatment|lay|paint|make a start|have it in|first (?:session|lesson|visit)|
        moving in|set you up|put you in for|get you (?:signed|set up|started)|anaesthetic|begin right now)
        (?:i|we) (?:can|could) (?:start|begin)(?: \\w+){0,3}
        """
    )
)

WANTS = pattern(
    *lines(
        """
        go (?:on|ahead)(?: then)?$|go on then|do the \\w+(?: \\w+)?$|^(?:okay |yes |right |alright |
        well )*(?:do it|do that|
        go for (?:it|the)|please|book (?:it|me|us)|put (?:it|them|me|us) (?:in|on|down|through))|make it \\w+ to begin|
        (?:give|send|bring) (?:me|us) <NUM>|^<NUM> of (?:those|them|these)|i (?:will )?write the check|my checkbook|
        that will do|(?:two|three|four|five|six|ten) of (?:those|them)|leave it in|sign it
        """
    )
)
