"""Compose workdays from the corpus: who is met, in what order, with which pauses, on one time axis.

Every parameter of a day (pace, pauses, how often colleagues call, how long the drive is, how many people there are) is
drawn anew and widely, because a detector that learns one setting of a generator fails on the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bench.detection.pool import Piece, Pool, customer_stock, whole_dialogues
from bench.detection.style import Style

HOLD = (
    "let me just check that",
    "give me one minute",
    "hang on i'll grab it from the truck",
    "i'm gonna go measure that",
    "one second let me look that up",
    "i'll be right back",
)
BACK = ("okay so", "alright i'm back", "sorry about that", "okay got it", "right where were we")
ALONE = ("come on", "where did i put that", "okay next left", "oh man", "alright here we go", "what's the number again")
OWN_TRADE_SHARE = 0.6
WHOLE_SHAPES = ("long", "one_call")
MOST_MET = 5  # people of one visit that have a voice of their own
CALL_IN = (
    "hey it's me i'm with a customer real quick",
    "sorry i have to take this it's the office",
    "hey can you look something up for me",
)


@dataclass
class Line:
    """One spoken line before any damage. segment: index into the truth, -1 for talk of strangers nearby."""

    start: float
    end: float
    person: int
    text: str
    segment: int


@dataclass
class Composer:
    """Lays one day. Call `build` once."""

    pool: Pool
    r: np.random.Generator
    business: str
    shape: str
    lines: list[Line] = field(default_factory=list)
    truth: list[dict] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    people: int = 0
    duration: float = 0.0

    customers: list[Piece] | None = None
    own_trade_share: float = OWN_TRADE_SHARE

    def __post_init__(self) -> None:
        r = self.r
        self.style = Style.draw(r)
        self.rep = self.person()
        self.colleagues = [self.person() for _ in range(int(r.integers(1, 6)))]
        self.family = [self.person() for _ in range(int(r.integers(1, 4)))]
        self.suppliers = [self.person() for _ in range(2)]
        self.pace: dict[int, float] = {}
        self.stock: dict[str, list[Piece]] = {}
        trades = {p.trade for p in self.pool.pieces.get("customer", []) if p.business == self.business}
        self.trades = trades - {""}

    def person(self) -> int:
        """A new person's number."""
        self.people += 1
        return self.people - 1

    # ---- the time axis

    def lay(self, turns: list[tuple[int, str]], t: float, segment: int, events: dict | None = None) -> float:
        """Speak turns from t on; returns the end of the last line."""
        r, last, previous = self.r, t, None
        for k, (p, text) in enumerate(turns):
            if events and k in events:
                last = events[k](last)
            mean, spread = self.style.turn_gap
            gap = 0.0 if previous is None else float(np.clip(r.normal(mean, spread), -1.2, 4.0))
            if r.random() < 0.04:
                gap += float(r.exponential(4))
            clock = max(t, last + gap)
            for part in self.parts(text):
                pace = self.pace.setdefault(p, float(r.uniform(*self.style.pace)))
                seconds = max(0.3, len(part.split()) / pace * 60 * float(r.lognormal(0, 0.12)))
                self.lines.append(Line(clock, clock + seconds, p, part, segment))
                clock += seconds + float(r.uniform(0.05, 0.5))
            last, previous = max(last, clock - 0.3), p
        return last

    def parts(self, text: str) -> list[str]:
        """Break a turn the way a recogniser does, at roughly even lengths."""
        words, out = text.split(), []
        while words:
            k = max(3, int(self.style.line_words * float(self.r.uniform(0.7, 1.2))))
            if len(words) - k < 4:
                k = len(words)
            out.append(" ".join(words[:k]))
            words = words[k:]
        return out

    def close(self, segment: int, kind: str, tags: set[str]) -> float:
        """Write the truth of a segment from its lines; returns its end."""
        mine = [x for x in self.lines if x.segment == segment]
        row = {
            "id": segment,
            "start_seconds": min(x.start for x in mine),
            "end_seconds": max(x.end for x in mine),
            "kind": kind,
            "tags": sorted(tags),
            "persons": sorted({x.person for x in mine}),
        }
        self.truth.append(row)
        return row["end_seconds"]

    # ---- talk

    def draw(self, kind: str) -> Piece | None:
        """The next unused piece of a kind; None when the customers of the business are used up.

        Customers come from `customers`, which a series of days shares. Other talk about the day's own trade comes first
        with a chance of `own_trade_share`; when all of a kind was heard, it starts again.
        """
        if kind == "customer":
            if self.customers is None:
                if self.shape in WHOLE_SHAPES:
                    longest = self.shape == "long"
                    self.customers = whole_dialogues(self.pool, self.business, self.r, longest=longest)
                else:
                    self.customers = customer_stock(self.pool, self.business, self.r)
            return self.customers.pop() if self.customers else None
        if not self.stock.get(kind):
            pieces = self.pool.pieces.get(kind, [])
            if not pieces:
                return None
            order = [pieces[i] for i in self.r.permutation(len(pieces))]
            own = [p for p in order if p.business == self.business or p.trade in self.trades]
            rest = [p for p in order if p not in own]
            merged: list[Piece] = []
            while own or rest:
                first = own if own and (not rest or self.r.random() < self.own_trade_share) else rest
                merged.append(first.pop())
            self.stock[kind] = merged[::-1]
        return self.stock[kind].pop()

    def customer(self, t: float, tags: set[str], known: list[int] | None = None) -> tuple[float, list[int]] | None:
        """One visit from t on: its end and who was met; None when the business has no talk left."""
        r, segment = self.r, len(self.truth)
        piece = self.draw("customer")
        if piece is None:
            return None
        pieces = [piece]
        while self.shape in WHOLE_SHAPES and self.customers and self.customers[-1].customer == piece.customer:
            pieces.append(self.customers.pop())
        met = known or [self.person() for _ in range(MOST_MET)]
        mate = self.colleagues[0] if r.random() < self.style.mate else None
        turns: list[tuple[int, str]] = []
        for p in pieces:
            for who, text in p.turns:
                if who == "A":
                    turns.append((mate if mate is not None and r.random() < 0.35 else self.rep, text))
                else:
                    turns.append((met[max(0, min(MOST_MET - 1, "BCDEFG".find(who)))], text))
        if mate is not None:
            tags.add("two_reps")
        if len(turns) > 12 and r.random() < 0.15:
            turns = turns[int(r.integers(2, 5)) :]
            tags.add("no_greeting")
        if self.shape == "mini" and len(turns) > 26:
            keep = int(r.integers(9, 26))
            turns = [*turns[: keep // 2], *turns[-(keep - keep // 2) :]]
        if len(turns) > 12 and r.random() < self.style.bye_cut:
            turns = turns[: -int(r.integers(2, 5))]
            tags.add("no_bye")
        self.lay(turns, t, segment, self.events(turns, segment, tags))
        return self.close(segment, "customer", tags), met

    def events(self, turns: list[tuple[int, str]], segment: int, tags: set[str]) -> dict:
        """Pauses and office calls inside a visit, by the turn they come before."""
        r, out = self.r, {}
        if len(turns) < 14:
            return out
        for _ in range(int(r.random() < self.style.pause_chance) + int(len(turns) > 90)):
            seconds = float(np.clip(self.style.pause_median * r.lognormal(0, 0.6), 25, 420))
            say, back = bool(r.random() < 0.6), bool(r.random() < 0.4)
            tags.add("long_pause")

            def pause(end: float, seconds: float = seconds, say: bool = say, back: bool = back) -> float:
                if say:
                    end = self.lay([(self.rep, str(r.choice(HOLD)))], end + 0.4, segment)
                end += seconds
                return self.lay([(self.rep, str(r.choice(BACK)))], end, segment) + 0.3 if back else end

            out[int(r.integers(5, len(turns) - 3))] = pause
        if r.random() < self.style.office_chance:
            piece = self.draw("internal")
            if piece is not None:
                tags.add("office_call_inside")
                colleague, k = self.colleagues[0], int(r.integers(6, 18))

                def call(end: float) -> float:
                    turns = [(self.rep, str(r.choice(CALL_IN)))]
                    turns += [(self.rep if w == "A" else colleague, x) for w, x in piece.turns[:k]]
                    return self.lay(turns, end + float(r.uniform(1, 10)), segment) + float(r.uniform(1, 6))

                out[int(r.integers(5, len(turns) - 3))] = call
        return out

    def other(self, kind: str, t: float) -> float:
        """A stretch that is no customer's, from t on; returns its end (t when the pool has none of the kind)."""
        r, segment = self.r, len(self.truth)
        piece = self.draw(kind)
        if piece is None:
            return t
        roles = {
            "internal": lambda: [self.rep, *[self.colleagues[i] for i in r.permutation(len(self.colleagues))]],
            "personal": lambda: [self.rep, *[self.family[i] for i in r.permutation(len(self.family))]],
            "radio": lambda: [self.person() for _ in range(7)],
            "errand": lambda: [
                self.rep,
                self.suppliers[int(r.integers(2))] if r.random() < 0.3 else self.person(),
                self.person(),
            ],
            "memo": lambda: [self.rep, self.rep],
        }[kind]()
        pieces = [piece]
        while kind in ("radio", "internal") and len(pieces) < 4 and r.random() < 0.5:
            more = self.draw(kind)
            if more is not None:
                pieces.append(more)
        names = sorted({w for p in pieces for w, _ in p.turns})
        index = {w: i + (kind != "radio" and "A" not in names) for i, w in enumerate(names)}
        turns = [(roles[min(index[w], len(roles) - 1)], x) for p in pieces for w, x in p.turns]
        short = self.shape == "mini"
        a = int(r.integers(0, max(1, len(turns) - (14 if short else 60)))) if short or len(turns) > 80 else 0
        self.lay(turns[a : a + int(r.integers(6, 26) if short else r.integers(12, 140))], t, segment)
        return self.close(segment, kind, set())

    def errands_between(self, t: float) -> float:
        """The few seconds between the visits of a very short day, with or without something else in them."""
        r = self.r
        if r.random() < 0.65:
            t = self.other(str(r.choice(["radio", "internal", "internal", "personal"])), t + float(r.uniform(4, 45)))
        return t + float(r.uniform(4, 45))

    def drive(self, t: float, seconds: float) -> float:
        """The way to the next visit: silence, calls, radio, a word to oneself."""
        r, end = self.r, t + seconds
        t += float(r.uniform(5, 90))
        while t < end - 20:
            x = float(r.random())
            if x < self.style.other_rate:
                rest = 1 - self.style.radio_share
                p = [self.style.radio_share, rest * 0.4, rest * 0.25, rest * 0.2, rest * 0.15]
                t = self.other(str(r.choice(["radio", "internal", "personal", "errand", "memo"], p=p)), t)
            elif x > 0.95:
                segment = len(self.truth)
                self.lay([(self.rep, str(r.choice(ALONE)))], t, segment)
                t = self.close(segment, "memo", {"self_talk"})
            else:
                t += float(r.uniform(20, 400))
            t += float(r.lognormal(3.2, 1.0))
        return max(t, end)

    # ---- the day

    def build(self) -> None:
        """Lay the whole day according to its shape."""
        r = self.r
        visits = {
            "normal": int(r.integers(3, 7)),
            "dense": int(r.integers(5, 9)),
            "sparse": int(r.integers(1, 4)),
            "series": int(r.integers(1, 4)),
            "zero": 0,
            "one_call": 1,
            "mini": int(r.integers(2, 5)),
            "long": int(r.integers(2, 4)),
        }[self.shape]
        self.tags.add({"dense": "trade_show", "zero": "zero_customers"}.get(self.shape, self.shape))
        hours = {"mini": float(r.uniform(0.12, 0.4)), "one_call": 0.3}.get(self.shape, float(r.uniform(3, 11)))
        t = float(r.uniform(2, 40) if self.shape in ("mini", "one_call") else r.uniform(10, 900))
        if self.shape not in ("one_call", "mini") and r.random() < 0.4:
            t = self.other("internal", t) + float(r.uniform(8, 200))
        slot = hours * 3600 / (visits + 1)
        met: list[tuple[list[int], float]] = []
        for i in range(visits):
            tight = i > 0 and r.random() < (0.6 if self.shape == "dense" else self.style.tight)
            tags: set[str] = set()
            if tight:
                t += float(r.uniform(2, 35))
                tags.add("back_to_back")
            elif self.shape == "mini":
                t = self.errands_between(t)
            elif self.shape != "one_call":
                t = self.drive(t, float(slot * self.style.drive * r.uniform(0.1, 0.9)))
                if r.random() < 0.3:
                    t = self.other(str(r.choice(["internal", "personal", "memo"])), t) + float(r.uniform(3, 25))
            old = [c for c, end in met if t - end > 620]
            known = old[int(r.integers(len(old)))] if old and r.random() < 0.12 else None
            if known:
                tags.add("returns")
            done = self.customer(t, tags, known)
            if done is None:
                break
            t = done[0]
            met.append((done[1], t))
            if r.random() < 0.25 and self.shape != "mini":
                t = self.other(str(r.choice(["internal", "personal", "memo"])), t + float(r.uniform(3, 25)))
        if self.shape == "mini":
            t = self.errands_between(t)
        elif self.shape != "one_call":
            t = self.drive(t, slot * float(r.uniform(0.2, 1.0)))
        self.finish(t)

    def finish(self, t: float) -> None:
        """Strangers nearby, a recording that starts late or stops early, the end of the day."""
        r = self.r
        customers = [d for d in self.truth if d["kind"] == "customer"]
        if customers and self.shape != "mini" and r.random() < 0.2:
            self.tags.add("background_chatter" if r.random() < 0.5 else "background_tv")
            for _ in range(int(r.integers(2, 9))):
                d = customers[int(r.integers(len(customers)))]
                strangers = "background" if self.pool.pieces.get("background") else "personal"
                piece = self.draw("radio" if "background_tv" in self.tags else strangers)
                if piece is not None:
                    roles = {w: self.person() for w in sorted({w for w, _ in piece.turns})}
                    k = int(r.integers(0, max(1, len(piece.turns) - 8)))
                    turns = [(roles[w], x) for w, x in piece.turns[k : k + int(r.integers(3, 9))]]
                    self.lay(turns, float(r.uniform(max(0, d["start_seconds"] - 40), d["end_seconds"])), -2)
        self.lines.sort(key=lambda x: (x.start, x.end))
        end = max([t, *(x.end for x in self.lines)]) if self.lines else t
        first = customers[0] if customers else None
        begin = 0.0
        if first is not None and self.shape != "mini" and r.random() < 0.1:
            begin = first["start_seconds"] + float(r.uniform(0.15, 0.5)) * (
                first["end_seconds"] - first["start_seconds"]
            )
            first["tags"] = sorted({*first["tags"], "cut_by_start"})
        last = customers[-1] if customers else None
        if last is not None and last is not first and r.random() < 0.12:
            end = last["start_seconds"] + float(r.uniform(0.4, 0.9)) * (last["end_seconds"] - last["start_seconds"])
            last["tags"] = sorted({*last["tags"], "cut_by_end"})
        self.lines = [
            Line(x.start - begin, x.end - begin, x.person, x.text, x.segment)
            for x in self.lines
            if begin <= x.start < end - 0.5
        ]
        self.duration = (
            end - begin + float(r.uniform(1, 300) if "cut_by_end" not in (last or {"tags": []})["tags"] else 0)
        )
        kept = []
        for d in self.truth:
            a, b = max(0.0, d["start_seconds"] - begin), min(d["end_seconds"] - begin, self.duration)
            if b - a >= (15 if d["kind"] == "customer" else 1):
                kept.append({**d, "start_seconds": a, "end_seconds": b})
        self.truth = sorted(kept, key=lambda d: d["start_seconds"])
        for d in self.truth:
            if d["kind"] == "customer":
                self.tags |= set(d["tags"]) & {
                    "office_call_inside",
                    "long_pause",
                    "two_reps",
                    "returns",
                    "cut_by_end",
                    "cut_by_start",
                    "back_to_back",
                }
