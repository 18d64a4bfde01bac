"""The corpus and the days that are made of it: parts that share nothing, and days that repeat no customer's words."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import numpy as np

from bench.detection import compose, confusions, daysfile, generate, language, pool
from dayline.detection.features import language as wording
from dayline.detection.features import speaker_roles, utterance_arrays
from dayline.domain.transcript import Transcript, Utterance

WAITING = sorted((pool.CORPUS / "waiting").glob("*.jsonl"))


def test_dialogues_that_wait_are_in_no_part_and_leave_the_trades_of_the_test_part_alone() -> None:
    rows = {path: [json.loads(line) for line in path.read_text().splitlines()] for path in WAITING}
    assert rows
    assert not set(rows) & set(pool.files("all"))
    everything = [d for some in rows.values() for d in some]
    visited = {d["business_id"] for d in everything if d.get("kind") == "customer"}
    assert visited <= {d["business_id"] for d in everything if "playbook" in d}
    assert not visited & set(pool.read("all").businesses)
    for_training = {d["business_id"] for path, some in rows.items() for d in some if not pool.is_held_out(path)}
    assert not for_training & set(pool.read("test").businesses)


def test_training_and_held_out_part_share_no_business_and_no_dialogue() -> None:
    train, test = pool.read("train"), pool.read("test")
    assert not set(train.businesses) & set(test.businesses)
    ids = [{p.source for pieces in part.pieces.values() for p in pieces} for part in (train, test)]
    assert not ids[0] & ids[1]
    assert {p.name for p in pool.files("train")} | {p.name for p in pool.files("test")} == {
        p.name for p in pool.files("all")
    }


def test_every_dialogue_has_an_id_of_its_own_and_known_speakers() -> None:
    seen: Counter[str] = Counter()
    for path in [*pool.files("all"), *WAITING]:
        for line in path.read_text().splitlines():
            d = json.loads(line)
            if "turns" not in d:
                assert d["playbook"].strip()
                continue
            seen[d["id"]] += 1
            assert all(t["s"].strip() and t["t"].strip() for t in d["turns"]), d["id"]
    assert max(seen.values()) == 1


def test_every_business_has_a_playbook_and_thirty_have_eight_dialogues_or_more() -> None:
    source = pool.read("all")
    count = Counter(p.business for p in source.pieces["customer"])
    assert set(count) <= set(source.playbooks)
    assert sum(n >= 8 for n in count.values()) >= 30


def test_a_long_visit_is_the_talk_of_one_customer_from_the_first_dialogue_on() -> None:
    source = pool.read("test")
    business = next(
        b for b in source.businesses
        if len({p.customer for p in source.pieces["customer"] if p.business == b})
        < sum(p.business == b for p in source.pieces["customer"])
    )  # fmt: skip
    for longest in (False, True):
        stock = pool.whole_dialogues(source, business, np.random.default_rng(4), longest=longest)
        order = [p.customer for p in stock]
        assert sum(a != b for a, b in itertools.pairwise(order)) == len(set(order)) - 1
        asked = [p.source for p in source.pieces["customer"] if p.business == business]
        for customer in set(order):
            mine = [p.source for p in stock if p.customer == customer]
            assert mine == sorted(mine, key=asked.index, reverse=True), "taken from the end"
    words = Counter[str]()
    for p in stock:
        words[p.customer] += sum(len(text.split()) for _, text in p.turns)
    assert words[stock[-1].customer] == max(words.values())


def test_no_visit_of_a_long_day_joins_customers() -> None:
    source = pool.read("test")
    day = compose.Composer(source, np.random.default_rng(6), source.businesses[0], "long")
    day.build()
    words: dict[str, str] = {}
    for p in source.pieces["customer"]:
        words[p.customer] = " ".join([words.get(p.customer, ""), *(text for _, text in p.turns)])
    visits = [t["id"] for t in day.truth if t["kind"] == "customer"]
    assert visits
    for i in visits:
        met = Counter[str]()
        for line in day.lines:
            if line.segment == i and len(line.text.split()) > 7:
                met.update(c for c, said in words.items() if line.text in said)
        assert len(met) == 1, met


def test_folds_part_the_corpus() -> None:
    source = pool.read("train")
    ids = lambda p: {x.source for pieces in p.pieces.values() for x in pieces}  # noqa: E731
    parts = [ids(source.fold(k, 3)) for k in range(3)]
    assert set().union(*parts) == ids(source)
    assert sum(map(len, parts)) == len(ids(source))
    for k in range(3):
        assert ids(source.fold(k, 3, rest=True)) == ids(source) - parts[k]


def test_a_series_never_says_a_customers_words_twice_and_is_the_same_every_time() -> None:
    source = pool.read("test")
    first, again = (generate.series(1, 5, source) for _ in range(2))
    assert first == again
    assert [d["series"]["day"] for d in first] == list(range(generate.SERIES_DAYS))
    said = Counter(
        u["text"].lower()
        for d in first
        for u in d["utterances"]
        if len(u["text"].split()) > 9 and any(a < u["start_seconds"] < b for a, b in daysfile.customers(d))
    )
    assert sum(n > 1 for n in said.values()) <= 0.02 * len(said)


def test_confusions_sound_alike() -> None:
    assert confusions.sound("gutter") == confusions.sound("guitar")
    assert confusions.sound("gutter") != confusions.sound("window")
    spoken = ["gutter", "guitar", "getter"] * 10 + ["window"] * 500
    made = confusions.Confusions(spoken)
    rng = np.random.default_rng(1)
    assert {made.draw("gutter", rng) for _ in range(30)} == {"guitar", "getter"}
    assert made.draw("elephant", rng) == "window"


def _day(rep_asks: bool) -> tuple[wording.LineScores, int]:
    rep, other = ("SPEAKER_01", "SPEAKER_02") if rep_asks else ("SPEAKER_02", "SPEAKER_01")
    lines = []
    for i in range(0, 40, 2):
        lines += [Utterance(5.0 * i, 5.0 * i + 4, "i can come on friday and measure", rep)]
        lines += [Utterance(5.0 * i + 5, 5.0 * i + 9, "how much would that be", other)]
    t = utterance_arrays.load(Transcript(tuple(lines), 300.0))
    roles = speaker_roles.SpeakerRoles(
        rep=np.array([float(v == t.voices.index("SPEAKER_01")) for v in t.voice]),
        hub=np.array([1.0, 0.0]),
        epoch=np.zeros(len(t), dtype=np.int64),
    )
    model = wording.LanguageModel({"can come": (1.0, -1.0, 0.1), "how much": (-1.0, 1.0, 0.2)}, (-0.5, -0.1))
    return wording.read(t, roles, model), len(t)


def test_the_same_words_speak_for_a_visit_or_against_it_by_who_says_them() -> None:
    (seller, n), (buyer, _) = _day(rep_asks=True), _day(rep_asks=False)
    first, last = np.array([0]), np.array([n])
    assert wording.log_odds(seller, first, last)[0] > 1
    assert wording.log_odds(buyer, first, last)[0] < -1


def test_the_wording_model_learns_sides_and_leaves_names_out() -> None:
    source = pool.read("train").fold(0, 3)
    model = language.fit(source, language.of_pieces(source))
    assert not language.names_in(source) & {w for name in model.weights for w in name.split()}
    assert language.rows(model)[0].startswith("*\t")
    assert wording.parse(language.rows(model)).weights == model.weights


def test_the_first_word_of_a_sentence_is_no_name() -> None:
    """Names are left out of the model of wording; the commonest words, which begin many sentences, are not names."""
    turns = (("A", "Hello there. What do you need? You said Mr Baxter called."), ("B", "Yes. We met Baxter in Dover."))
    piece = pool.Piece("one", "customer", "biz", "roofing", (), turns)
    assert language.names_in(pool.Pool({"customer": [piece]})) == {"mr", "baxter", "dover"}
    known = set(language.vocabulary(pool.read("train")))
    assert {"you", "we", "what", "they", "do you"} <= known
    assert not {"kayla", "denise"} & known


def test_days_of_the_file_format_can_be_read_back(tmp_path) -> None:
    rows = generate.short(2, 3, pool.read("test"))
    generate.write(rows, tmp_path / "days.jsonl.gz")
    assert daysfile.read(tmp_path / "days.jsonl.gz") == json.loads(json.dumps(rows))


def test_days_can_be_made_of_other_talk_that_no_part_holds() -> None:
    source = pool.with_other_talk(pool.read("train"), WAITING)
    waiting = {
        " ".join(t for _, t in p.turns) for kind in source.pieces if kind != "customer" for p in source.pieces[kind]
    }
    assert waiting
    assert source.businesses == pool.read("train").businesses
    known = {" ".join(t for _, t in p.turns) for pieces in pool.read("all").pieces.values() for p in pieces}
    assert not waiting & known
    day = generate.empty(1, 3, source)[0]
    assert day["utterances"]
    assert not daysfile.customers(day)


def test_a_recording_whose_visits_are_cut_out_keeps_the_other_talk_in_order() -> None:
    source = pool.read("train")
    given = {f"{day['id']}-cut": day for day in generate.short(6, 4, source)}
    found = generate.short_other(6, 4, source)
    assert found
    for day in found:
        whole = given[day["id"]]
        assert not daysfile.customers(day)
        visits = sum(b - a for a, b in daysfile.customers(whole))
        assert abs(whole["duration_seconds"] - visits - day["duration_seconds"]) < 0.1
        texts = iter([u["text"] for u in whole["utterances"]])
        assert all(u["text"] in texts for u in day["utterances"]), "in the order of the whole recording"
        assert all(0 <= u["start_seconds"] < u["end_seconds"] <= day["duration_seconds"] + 1 for u in day["utterances"])
