"""Time expressions in sentences, normalised: "Thursday at 11", "tomorrow at 8 am", "the first Monday in March".

The half of the day is never guessed: without "in the afternoon" or similar, "at seven" stays "at 7". A number counts as
a clock time only after a preposition of time, next to a day, or with "o'clock", "am" or "pm".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dayline.scoring.conversation import Sentence
from dayline.scoring.facts.grammar import words

_HOURS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_HOUR_NUMBER = {word: n for n, word in enumerate(_HOURS, 1)}
_MINUTES = {
    "oh five": 5,
    "o five": 5,
    "five": 5,
    "ten": 10,
    "fifteen": 15,
    "twenty five": 25,
    "twenty": 20,
    "thirty five": 35,
    "thirty": 30,
    "forty five": 45,
    "forty": 40,
    "fifty five": 55,
    "fifty": 50,
}
_FIRST_TO_TWENTIETH = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
"""
_FIRST_ORDINALS = _FIRST_TO_TWENTIETH.split()
_ORDINALS = {
    *_FIRST_ORDINALS,
    *(f"twenty {word}" for word in _FIRST_ORDINALS[:9]),
    "thirtieth",
    "thirty first",
}

_WD = "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MO = "(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_ORD = "(?:" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + r"|\d{1,2}(?:st|nd|rd|th))"
# Short names of months count only inside a date: "dec" and "mar" alone are too often other words.
_MONTH = f"(?:{_MO}|jan|feb|aug|sept|oct|nov|dec)"
_NO_DATE = "floor|one|time|thing|day|page|night|visit|line|street|try|of|and|week|month|year"
_AFTER_DATE = (
    "(?=$| (?:and|so|then|i|we|you|he|she|they|at|with|if|when|for|or|but|after|before|by|about|around|as|in|to|just|"
    "see|either|half|quarter|noon|oclock|am|pm|" + "|".join(_HOURS) + r"|\d)(?!\S))"
)
"""What follows a day of the month that is named by its number alone ("on the ninth, with the van")."""
_COUNT = r"(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|a few|a couple of|couple of|half an|\d+)"
_PART = r"(?: (?:in the |the |at )?(?P<part{0}>morning|afternoon|evening|night|lunchtime|lunch))?"
_DATE = rf"""(?:
    (?P<special>(?:the )?(?:first|second|third|fourth|last) (?:{_WD}|week) (?:in|of) {_MONTH}
      |(?:the )?(?:first|second|third|fourth) {_WD}
      |(?:the )?{_ORD} of {_MONTH}|{_MONTH} (?:the )?{_ORD}
      |(?:the )?week of the {_ORD}|a week (?:(?:on|from) )?{_WD}|{_WD} (?:week|fortnight)
      |(?<!next )(?<!this )(?<!that )(?<!the )(?<!last )(?<!every )(?<!each )week {_WD}
      |the {_WD} after(?: next)?(?! (?:lunch|dinner|tea|work|school|church)\b)
      |(?:(?<=on )|(?<=until )|(?<=by )|(?<=till ))the {_ORD}{_AFTER_DATE}
      |(?:at )?(?:the )?end of (?:the )?day (?:tomorrow|{_WD})
      |(?:at )?(?:the )?(?:end|beginning|start) of (?:the |this |next )?(?:day|week|month|year)
      |(?:next|this) (?:week|month|year|weekend|spring|summer|fall|autumn|winter|afternoon|evening|morning)
      |later (?:today|this week)|the week after next|the week after|the day after tomorrow
      |(?:with)?in (?:about |around )?(?:the next )?{_COUNT} (?:working )?(?:days?|weeks?|months?|hours?|minutes?|
      fortnight)|
      in a fortnight
      |in (?:the )?(?:spring|summer|fall|autumn|winter)|(?:in|by|before|after) {_MO}
      |after (?:christmas|easter|harvest|lunch|the holidays|new year)|before (?:christmas|easter|lunch)|first thing)
    |(?P<rel>next|this|this coming|the following|following)?[ ]?(?P<weekday>{_WD})(?: (?P<post>next))?
    |(?P<near>tomorrow|tonight|today)
)"""
_CLOCK = r"""(?:
    (?P<fraction{0}>half|quarter)\ (?P<side{0}>past\ |to\ |after\ )?(?P<hour_f{0}>HOURS)
    |(?P<digital{0}>\d{{1,2}}:\d\d)
    |(?P<compact{0}>\d{{1,2}}(?:am|pm))
    |(?P<noon{0}>noon|midday|midnight)
    |(?P<hour{0}>HOURS|1[0-2]|[1-9])(?:\ (?P<minute{0}>MINUTES))?
)(?:\ (?P<suffix{0}>oclock|o\ clock|am|pm|a\ m|p\ m|ish|sharp))?
(?:\ in\ the\ (?P<day_part{0}>morning|afternoon|evening)|\ at\ (?P<late{0}>night))?"""
_PREP = "(?:at|around|about|by|before|after|for|from|say|is|is at|at about|at around|till|until)"
_UNITS = (
    r"(?!\ (?:hundred|thousand|percent|per|%|dollars?|bucks|quid|pounds?|point|years?|weeks?|days?|"
    r"months?|hours?|minutes?"
    r"|mins?|feet|foot|inch|inches|miles?|times?|of|and\ a\ half|more|grand|k|people|kids|a\ |each|"
    r"metres?|meters?|yards?|"
    r"points?|p|pence|cents?|lots?|boxes|cases|layers|units|litres?|kilos?|windows?|rooms?|cars?|oz|euros?|other|star|"
    r"different)(?!\S))"
)


def _clock(tag: str) -> str:
    text = _CLOCK.format(tag)
    return text.replace("HOURS", "|".join(_HOURS)).replace("MINUTES", "|".join(sorted(_MINUTES, key=len, reverse=True)))


def _verbose(text: str) -> str:
    """Escape the single spaces of a pattern, for use in a verbose expression."""
    squeezed = re.sub(r"\n\s*", "", text)
    return re.sub(r"(?<!\\)(?<!\[) (?!\])", r"\\ ", squeezed)


_DATED = _verbose(_DATE)
_GROUPS = ("special", "rel", "weekday", "post", "near")


def _dated(tag: str) -> str:
    """Return the pattern of a date with its groups renamed for one alternative."""
    text = _DATED
    for group in _GROUPS:
        text = text.replace(f"?P<{group}>", f"?P<{group}{tag}>")
    return text


_LEAD = r"(?:(?:on|by|before|until|till)\ )?"
_PREPOSITION = _verbose(_PREP)
_DAY_THEN_CLOCK = (
    rf"{_LEAD}{_dated('')}{_verbose(_PART.format('_a'))}(?:\ (?P<joined>{_PREPOSITION}))?"
    rf"\ {_clock('_a')}(?P<after_a>{_UNITS})"
)
_CLOCK_THEN_DAY = rf"(?:{_PREPOSITION}\ )?{_clock('_b')}\ (?:on\ )?{_dated('_b')}{_verbose(_PART.format('_b'))}"
_DAY_ONLY = rf"{_LEAD}{_dated('_c')}{_verbose(_PART.format('_c'))}"
_CLOCK_AFTER_WORD = rf"(?P<lone>(?:at|around|about|by|before|after|till|until))\ {_clock('_d')}(?P<after_d>{_UNITS})"
_CLOCK_ONLY = rf"{_clock('_e')}(?P<after_e>{_UNITS})"
_EXPRESSION = re.compile(
    rf"(?<!\S)(?:{_DAY_THEN_CLOCK}|{_CLOCK_THEN_DAY}|{_DAY_ONLY}|{_CLOCK_AFTER_WORD}|{_CLOCK_ONLY})(?!\S)", re.VERBOSE
)
_TRIGGERS = re.compile(
    rf"\b(?:{_WD}|{_MO}|tomorrow|tonight|today|week|month|year|weekend|spring|summer|fall|autumn|winter|"
    rf"afternoon|evening"
    r"|morning|days?|weeks|months|hours?|minutes?|fortnight|christmas|easter|harvest|lunch|holidays|noon|midday|oclock"
    r"|clock|am|pm|at|around|by|before|after|till|until|thing|day|half|quarter)\b|\d:\d\d|\d[ap]m"
    rf"|\bon the {_ORD}\b"
)
_DIGIT = re.compile(r"\d")
_NEEDED = words(
    """
    tomorrow tonight today day days week weeks month months year years hour hours minute minutes weekend spring summer
    fall autumn winter morning afternoon evening night fortnight thing christmas easter harvest lunch holidays noon
    midday midnight
    """
).union(_HOURS, re.findall(r"[a-z]+", f"{_WD} {_MONTH} {_ORD}"))
"""Words of which every time without digits has one."""


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A time said in a sentence.

    Attributes:
        text: the time in normalised form.
        start: offset of the first character in the sentence's text.
        end: offset after the last character.
        has_day: whether it names a day, not only a time of day.
        has_clock: whether it contains a clock time.

    """

    text: str
    start: int
    end: int
    has_day: bool
    has_clock: bool


def times_in(sentence: Sentence) -> tuple[TimeMention, ...]:
    """Return the times said in a sentence, in order."""
    if _NEEDED.isdisjoint(sentence.words) and not _DIGIT.search(sentence.text):
        return ()
    if not _TRIGGERS.search(sentence.text):
        return ()
    found: list[TimeMention] = []
    at = 0
    while (match := _EXPRESSION.search(sentence.text, at)) is not None:
        mention = _mention(sentence, match)
        if mention is None:
            at = match.start() + 1
        elif sentence.text[: match.start()].endswith(_NOT_MEANT):
            at = mention.end
        else:
            found.append(_with_date(sentence, mention))
            at = mention.end
    return tuple(found)


_NOT_MEANT = ("not ", "not on ", "no not ", "what is ", "what is today ", "what day is ")
"""What goes before a time that is denied or asked for ("on, what's today, Monday, I'll ring Thursday")."""
_DAY_OF_MONTH = re.compile(rf" (the {_ORD}(?: of {_MONTH})?)(?! (?:{_NO_DATE})(?!\S))(?!\S)")


def _with_date(sentence: Sentence, mention: TimeMention) -> TimeMention:
    """Return a weekday with the day of the month that follows it ("Monday the ninth"); its place stays the same."""
    date = _DAY_OF_MONTH.match(sentence.text, mention.end)
    if date is None or mention.has_clock or not re.fullmatch(_WD, mention.text.lower()):
        return mention
    return replace(mention, text=_capitals(f"{mention.text.lower()} {date[1]}"))


def _mention(sentence: Sentence, match: re.Match[str]) -> TimeMention | None:
    groups = match.groupdict()
    for tag in ("_a", "_b", "_d", "_e"):
        if _has_clock(groups, tag):
            return _with_clock(sentence, match, groups, tag)
    day = _day(groups, "_c")
    part = groups.get("part_c")
    if day is None:
        return None
    return TimeMention(_joined(day, None, part), match.start(), match.end(), True, False)


def _has_clock(groups: dict[str, str | None], tag: str) -> bool:
    return any(groups.get(f"{name}{tag}") for name in ("hour_f", "digital", "compact", "noon", "hour"))


def _with_clock(
    sentence: Sentence, match: re.Match[str], groups: dict[str, str | None], tag: str
) -> TimeMention | None:
    end = match.end()
    minute = groups.get(f"minute{tag}")
    if minute and sentence.mark_between(match.start(f"hour{tag}"), match.start(f"minute{tag}")):
        minute, end = None, match.end(f"hour{tag}")
    day = _day(groups, "" if tag == "_a" else tag)
    has_suffix = bool(groups.get(f"suffix{tag}") or groups.get(f"day_part{tag}") or minute)
    exact = any(groups.get(f"{name}{tag}") for name in ("hour_f", "digital", "compact", "noon")) or has_suffix
    bare = groups.get(f"hour{tag}") is not None and not exact
    if tag == "_a" and bare and not groups.get("joined"):
        # "Thursday two sensors": a bare number after a day is a clock time only at the end of the sentence.
        at = match.start("hour_a")
        if sentence.mark_between(match.start(), at) or match.end() < len(sentence.text):
            end = match.start("hour_a") - 1
            return TimeMention(_joined(day or "", None, groups.get("part_a")), match.start(), end, True, False)
    if tag == "_a" and bare and groups.get("joined") in {"is", "for", "from", "say", "till", "until"}:
        after = sentence.text[match.end() :].split()[:1]
        if groups["joined"] != "say" and after:
            end = match.start("joined") - 1
            return TimeMention(_joined(day or "", None, groups.get("part_a")), match.start(), end, True, False)
    if tag != "_a" and _goes_on(sentence, match, tag):
        return None
    is_bare_day = tag == "_b" and bare and match.start("hour_b") == match.start()
    if is_bare_day and (groups["hour_b"] == "one" or not _opens_clause(sentence, match.start())):
        return None  # "I'll bring one Friday by eleven": a thing, not a clock time
    if tag == "_e" and not _stands_alone(groups, minute):
        return None
    if tag == "_d" and bare and not (groups.get("hour_d") or "").isdigit() and _is_rate(match):
        return None
    clock = _clock_text(groups, tag, minute)
    part = groups.get(f"part{tag}") if tag in {"_a", "_b"} else None
    return TimeMention(_joined(day, clock, part), match.start(), end, day is not None, True)


_HOUR_BEFORE = re.compile(
    r"(?:^| )(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|hundred and|thousand and) $"
)
_OPENS = re.compile(
    r"(?:^|(?:^| )(?:then|so|okay|say|yes|no|well|maybe|either|or|make it|it is|right|all right|perfect) )$"
)


def _goes_on(sentence: Sentence, match: re.Match[str], tag: str) -> bool:
    """Return whether the hour is the end of a larger number ("twenty four on Friday")."""
    named = match.group(f"hour{tag}")
    return named is not None and _HOUR_BEFORE.search(sentence.text[: match.start(f"hour{tag}")]) is not None


def _opens_clause(sentence: Sentence, start: int) -> bool:
    """Return whether a clause begins at an offset."""
    return bool(_OPENS.search(sentence.text[:start])) or sentence.mark_between(max(0, start - 2), start + 2)


def _stands_alone(groups: dict[str, str | None], minute: str | None) -> bool:
    """Return whether a clock time without preposition or day is unambiguous ("half past nine", "two o'clock")."""
    suffix = groups.get("suffix_e")
    if groups.get("digital_e") or groups.get("compact_e") or groups.get("day_part_e"):
        return True
    if groups.get("hour_f_e"):
        return bool(groups.get("side_e"))
    if groups.get("noon_e"):
        return False
    return suffix in {"oclock", "o clock", "am", "pm", "a m", "p m"} or (bool(minute) and suffix is not None)


def _is_rate(match: re.Match[str]) -> bool:
    # "around two", "about three" are amounts unless other words indicate a time; "at two" is a clock time.
    return match.group("lone") in {"around", "about", "after", "before", "by"} and not match.group("suffix_d")


def _day(groups: dict[str, str | None], tag: str) -> str | None:
    special = groups.get(f"special{tag}")
    if special:
        return _capitals(special)
    near = groups.get(f"near{tag}")
    if near:
        return near
    weekday = groups.get(f"weekday{tag}")
    if not weekday:
        return None
    rel = groups.get(f"rel{tag}") or ""
    if groups.get(f"post{tag}") == "next" or rel in {"the following", "following"}:
        rel = "next"
    name = weekday.capitalize()
    return f"{rel} {name}" if rel else name


def _capitals(text: str) -> str:
    text = _TENS.sub(r"\1-", text)
    return " ".join(w.capitalize() if re.fullmatch(f"{_WD}|{_MONTH}", w) else w for w in text.split())


_TENS = re.compile(r"\b(twenty|thirty) (?=(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b)")


def weekday_of(when: str) -> str:
    """Return a time without its clock time, and a weekday without the day of the month ("Monday the ninth at 10")."""
    day = when.split(" at ")[0]
    return day.split(" the ")[0] if re.match(_WD, day.lower()) else day


def _clock_text(groups: dict[str, str | None], tag: str, minute: str | None) -> str:
    noon = groups.get(f"noon{tag}")
    if noon:
        return "noon" if noon == "midday" else noon
    digital, compact = groups.get(f"digital{tag}"), groups.get(f"compact{tag}")
    half = groups.get(f"day_part{tag}") or groups.get(f"late{tag}") or ""
    suffix = (groups.get(f"suffix{tag}") or "").replace(" ", "")
    ending = {"morning": " am", "afternoon": " pm", "evening": " pm", "night": " pm"}.get(half, "")
    ending = f" {suffix}" if suffix in {"am", "pm"} else ending
    if digital:
        return digital + ending
    if compact:
        return f"{compact[:-2]} {compact[-2:]}"
    fraction_hour = groups.get(f"hour_f{tag}")
    if fraction_hour:
        hour = _HOUR_NUMBER[fraction_hour]
        side = (groups.get(f"side{tag}") or "past ").strip()
        if groups.get(f"fraction{tag}") == "half":
            return f"{hour}:30{ending}" if side != "to" else f"{_earlier(hour)}:30{ending}"
        return f"{_earlier(hour)}:45{ending}" if side == "to" else f"{hour}:15{ending}"
    word = groups.get(f"hour{tag}") or ""
    hour = int(word) if word.isdigit() else _HOUR_NUMBER[word]
    return f"{hour}:{_MINUTES[minute]:02d}{ending}" if minute else f"{hour}{ending}"


def _earlier(hour: int) -> int:
    return 12 if hour == 1 else hour - 1


def _joined(day: str | None, clock: str | None, part: str | None) -> str:
    text = day or ""
    if part and part not in text:
        if clock and part in {"morning", "afternoon", "evening"} and not clock.endswith(("am", "pm", "noon")):
            clock += " am" if part == "morning" else " pm"
        elif not clock:
            text = f"{text} {'at lunch' if part.startswith('lunch') else part}".strip()
    if clock:
        text = f"{text} at {clock}".strip()
    return text
