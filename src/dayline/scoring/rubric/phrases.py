"""What the rubric listens for: short runs of words, grouped by what they are a sign of.

Phrases are normalised (lower case, no apostrophes) and short on purpose: where a recogniser gets one word in four
wrong, three words in a row survive four times out of ten, one word three times out of four. Many short cues therefore
beat a few long ones. `docs/analysis.md` says what each group is used for.
"""

from __future__ import annotations

Phrases = tuple[tuple[str, ...], ...]


def _phrases(text: str) -> Phrases:
    return tuple(tuple(part.split()) for part in text.split(",") if part.strip())


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Clarity -------------------------------------------------------------------------------------------------------------
SIGNPOSTS = _phrases(
    """
    first of all, first thing, first we, first i, first you, second we, second i, second you, step one, step
    two, next step, the next thing, after that, heres how, here is how, how it works, the way it works, the way
    this works, what happens is, what well do, what we do, what id do, what i do is, what this means, what that
    means, which means, that means, in other words, for example, for instance, the reason, main thing, bottom
    line, in short, let me explain, let me show, ill show you, so basically, two things, three things, two
    options, three options, two ways, to start, and finally, last thing, to sum up, let me recap, to recap
    """
)
CHECKS = _phrases(
    """
    make sense, does that make, any questions, is that clear, you follow, are you with me, just to make sure, to
    make sure i, let me make sure, so youre saying, what youre saying, did i get that, if i understand, correct
    me if, is that right, is that fair, sound fair, sound right, to recap, let me recap, so to confirm, just to
    confirm, what im hearing, so what i hear, have i got that, does that answer, does that help
    """
)
HEDGES = _phrases(
    """
    i guess, not sure, maybe, probably, or something, or whatever, somehow, i suppose, more or less, i dont
    know, something like that, kind of like, sort of like, and stuff, and things like that
    """
)

# Influence -----------------------------------------------------------------------------------------------------------
BENEFITS = _phrases(
    """
    saves you, save you, youll save, you save, you would save, saving you, for you, your family, you get, youll
    get, you would get, gives you, so you can, so you dont, so that you, means you, you wont have, you dont have
    to, you never have, protects your, protect your, helps you, help you, peace of mind, worth it, pays for
    itself, pay for itself, less work, makes it easier, easier for you, cut your, lower your, lowers your, keep
    your, keeps your, your bill, your team, your patients, your customers, no more
    """
)
PROOF = _phrases(
    """
    warranty, guarantee, guaranteed, certified, licensed, insured, rated, reviews, references, case study, our
    customers, other customers, your neighbor, your neighbors, your neighbour, your neighbours, down the street,
    around the corner, in this neighborhood, years in business, been doing this, weve done, we have done, we
    did, weve been, tested, study, studies, data, percent, proven, for example, a customer of ours, one of our,
    family owned, track record, on average, trial, sample, demo, money back, in writing
    """
)
EMPATHY = _phrases(
    """
    i understand, i hear you, totally understand, completely understand, i get that, i get it, makes sense, good
    question, great question, fair question, thats fair, fair enough, fair point, i appreciate, sorry to hear, i
    can imagine, must be, thats frustrating, you mentioned, you said, like you said, you told me, as you said,
    sounds like, no pressure, i dont blame, youre right, thats understandable, absolutely right, i can see why,
    a lot of people feel, glad you asked, glad you said
    """
)
AGREEMENT = _phrases(
    """
    sounds good, sounds great, sounds fair, that sounds, makes sense, good idea, i like that, i like it, i love
    it, love that, thats great, thats good, thats perfect, perfect, wonderful, interesting, im interested, good
    to know, thats fair, thats true, exactly, absolutely, definitely, of course, that would be great, that would
    help, works for me, that works, lets do, id like that, fair enough, thats reasonable, not bad, impressive,
    youre right, good point
    """
)

# Objections ----------------------------------------------------------------------------------------------------------
OBJECTIONS: dict[str, Phrases] = {
    "price": _phrases(
        """
        expensive, too expensive, too much, was hoping for, was hoping it, a lot of money, cant afford, too much
        money, costs too much, cost too much, thats too much, too high, pretty steep, bit steep, thats steep,
        over budget, in the budget, no budget, my budget, our budget, tight budget, more than i, more than we,
        thats a lot, cheaper, better price, lower price, come down, money is tight, dont have the money, pricey
        """
    ),
    "timing": _phrases(
        """
        not right now, bad time, not a good time, not ready, maybe later, next year, too soon, too busy, pretty
        busy, really busy, not today, in a hurry, no time, dont have time, wait until, wait till, hold off, down
        the road, some other time, not the right time
        """
    ),
    "authority": _phrases(
        """
        talk to my, ask my, check with my, speak to my, speak with my, talk with my, discuss with my, discuss it
        with, talk it over, run it by, my wife would, my husband would, my wife handles, my husband handles, my
        boss, my partner, not my decision, not up to me, dont make that decision, dont make the decision, have
        to ask, need to ask, board has to, committee
        """
    ),
    "need": _phrases(
        """
        dont need, not interested, no thanks, no thank you, already have, already got, im happy with, were happy
        with, happy with what, we are happy with, were good, im good, were fine, were all set, im all set, all
        set, no need, i dont want, we dont want, dont want it, dont see why, dont really use, works fine,
        working fine, why would i, why should i, why would we
        """
    ),
    "trust": _phrases(
        """
        scam, never heard of, dont trust, too good to be, sounds too good, how do i know, how do we know, bad
        experience, got burned, been burned, ripped off, heard bad, dont believe, whats the catch, the catch,
        not convinced, skeptical, nervous about, worried about, concerned about, my concern, my worry, what if
        """
    ),
    "competition": _phrases(
        """
        another company, been with them, been with those, been with the same, other companies, other quote,
        other quotes, another quote, competitor, shop around, shopping around, get another, get a few, second
        opinion, another guy, other guy, got a guy, compare prices, compared to, current supplier, current
        vendor, current provider
        """
    ),
    "delay": _phrases(
        """
        think about it, think about that, think it over, sleep on it, need some time, need to think, let me
        think, have to think, want to think, ill let you know, get back to you, leave me your card, leave a
        card, leave a brochure, send me something, send me some information
        """
    ),
    "terms": _phrases(
        """
        the contract, long contract, locked in, lock in, hidden fees, the fine print, fine print, cancel,
        commitment, sign anything, too complicated, too much hassle, a hassle, big hassle
        """
    ),
}

# Discovery -----------------------------------------------------------------------------------------------------------
NEED_WORDS = _words(
    """
    problem problems issue issues trouble concern concerns concerned worried worry goal goals important matter
    matters need needs looking bother bothers bothering budget decide decision deciding timeline currently happened
    happening happens noticed notice happy unhappy change improve challenge challenges frustrating frustrate pain
    priority priorities prefer using use handle spend spending paying pay cost costs damage leak leaks who else
    affect affects impact wish ideal expect
    """
)

# Delivery ------------------------------------------------------------------------------------------------------------
COURTESY = _phrases(
    """
    good morning, good afternoon, good evening, hello, hi there, how are you, how are things, nice to meet,
    pleased to meet, good to see, good to meet, thank you, thanks for, thanks so much, appreciate your,
    appreciate you, my name is, my names, do you mind, would you mind, if its okay, is it okay, please, take
    care, have a good, have a great, have a nice, youre welcome, my pleasure, sorry to
    """
)

# Close ---------------------------------------------------------------------------------------------------------------
ASKS = _phrases(
    """
    would you like to, do you want to go, want to go ahead, shall we, should we go, ready to, can we schedule,
    can i schedule, can we set, can i put you, can i get you, could we set, lets schedule, lets set up, lets get
    you, lets go ahead, go ahead and, move forward, moving forward, get started, get you started, get you set,
    sign you up, get you signed, sign here, your signature, which day, what day, what time, when can, when
    could, when would, does monday, does tuesday, does wednesday, does thursday, does friday, does tomorrow,
    does next week, work for you, works for you, works best, how does that sound, how do you want to pay, how
    would you like to, can we count, can i count, place the order, place an order, put in the order, put you
    down, pencil you in, book you, book it, next step, next steps, would it make sense to, can i come back, can
    i stop by, can i call you, can i send you
    """
)
WRAP_UP = _phrases(
    """
    thank you for your time, thanks for your time, thank you so much, thanks so much, thanks for having, so to
    recap, to recap, to sum up, so just to confirm, just to confirm, to summarize, heres my card, here is my
    card, my card, my number, my cell, my email, call me, text me, any other questions, any questions before,
    anything else, have a great day, have a good day, have a good one, look forward to, looking forward,
    pleasure meeting, nice meeting, take care, see you
    """
)
SALE_BY_CUSTOMER = _phrases(
    """
    lets do it, lets do that, lets do this, ill take it, ill take two, ill take the, ill take one, well take it,
    well take the, well take two, sign me up, sign us up, where do i sign, where do we sign, well go with, ill
    go with, lets go ahead, lets go with, you have a deal, you got a deal, its a deal, got a deal, im in, were
    in, im sold, you sold me, ill buy, put me down, put us down, count me in, send me the contract, go ahead and
    order, ill order, well order
    """
)
SALE_BY_REP = _phrases(
    """
    welcome aboard, welcome to the family, congratulations, sign here, sign right here, just sign, initial here,
    your order is, your order number, got you signed, youre all signed, youre all set for, the deposit, your
    deposit, thank you for your business, thank you for your order, thanks for your order, thank you for
    choosing, thanks for choosing, your confirmation, got you down for, ive got you down
    """
)
REFUSAL = _phrases(
    """
    not interested, no thank you, no thanks, we dont need, i dont need, im going to pass, ill pass, well pass,
    not for us, not for me, not going to, please leave, dont call, dont come back, stop calling, take me off,
    were going with, went with, decided to go with, im not buying, not buying, have to say no, its a no, the
    answer is no
    """
)

# Next steps ----------------------------------------------------------------------------------------------------------
COMMITMENTS = _phrases(
    """
    ill send, i will send, well send, we will send, ill email, i will email, ill text, ill call, i will call,
    well call, ill give you a call, give you a call, give me a call, ill follow up, follow up with, ill come, i
    will come, ill be back, i will be back, well be back, come back, stop back, ill stop by, i can stop by,
    swing by, drop by, ill drop, ill bring, i will bring, ill write, ill put together, put together a, ill
    prepare, ill draw up, write up, ill get you a quote, get you a quote, ill have the quote, send you, email
    you, ill order, schedule a, schedule it, schedule your, schedule the, set up a time, set up an appointment,
    set up a, book you, put you down, pencil you in, ill let you know, well let you know, get back to you, talk
    to you on, talk to you next, talk to you tomorrow, meet again, call me, ill check with, check back, i will
    check, the crew will, our crew, installer will, technician will, well install, well start, well deliver,
    will deliver, ill have someone, ill look over, ill read, ill talk to
    """
)
CONFIRMATIONS = _phrases(
    """
    works for me, works for us, that works, is perfect, is fine, is good, would be great, would be fine, see
    you, ill be there, well be there, well be home, ill be home
    """
)
DAYS = _words(
    """
    monday tuesday wednesday thursday friday saturday sunday tomorrow tonight january february april june july
    august september october november december
    """
)
WHEN_PHRASES = _phrases(
    """
    next week, next month, this week, next year, this afternoon, this evening, this weekend, in the morning, in
    the afternoon, end of the week, end of the month, end of day, in a week, in two weeks, in a few days, in an
    hour, first thing, later today, the first of, after lunch, before noon, at noon, in the spring, in the fall,
    in the summer, in the winter
    """
)
CLOCK_WORDS = _words(
    """
    one two three four five six seven eight nine ten eleven twelve noon thirty fifteen oclock am pm
    """
)
SMALL_NUMBERS = _words("two three four five six seven eight nine half")
NUMBER_WORDS = _words(
    """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half percent dollars
    dollar bucks cents pounds euros feet foot inches inch square miles years year months month weeks hours minutes
    degrees gallons
    """
)

NEGATIONS = _words("not dont didnt wont cant never isnt arent wouldnt couldnt doesnt nobody")
