"""What the text encoder learns from: talks that are varied, in windows of the teacher and of the student."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.statements.encoder import six_layers
from bench.statements.student.batches import (
    BEGIN,
    END,
    OF_REST,
    Batch,
    Talk,
    batch_of,
    batches,
    draw,
    talk_of,
    unchanged,
)
from bench.statements.student.talks import (
    LABELLED,
    MARK_ALONE,
    PHRASES,
    UNLABELLED,
    Array,
    Corpus,
    Rests,
    Spoken,
    corpus_of,
    with_near,
)
from bench.statements.student.vary import PART, TALK, Changes, Varied
from dayline.scoring.facts.turn_encoder import LONGEST_TURN, WINDOW, chunks_of, windows_of
from dayline.scoring.facts.word_vectors import MARKS, MOST_PIECES

LETTERS = "abcdefghij"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", ",", "?", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
TASKS = 8


def _spoken(dice: np.random.Generator, kind: int, turns: int, first: int) -> Spoken:
    """Return a conversation of random words; the labels of a turn are the digits of its number in the corpus."""
    texts = [
        [
            "".join(dice.choice(list(LETTERS), dice.integers(1, 4))) + str(dice.choice(["", "", ".", "?"]))
            for _ in range(dice.integers(1, 70 if dice.random() < 0.1 else 12))
        ]
        for _ in range(turns)
    ]
    labels = np.array([[int(d) for d in f"{first + n:08d}"] for n in range(turns)]).reshape(turns, TASKS)
    return Spoken(kind, texts, [n % 3 % 2 for n in range(turns)], labels, np.array([1, 0, kind]))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    dice, talks, first = np.random.default_rng(1), list[Spoken](), 0
    for kind, turns in [(PHRASES, 3), (LABELLED, 90), (UNLABELLED, 30), (LABELLED, 13), (LABELLED, 5)] * 8:
        talks.append(_spoken(dice, kind, turns, first))
        first += turns
    vectors = dice.normal(size=(len(VOCABULARY), 12)).astype(np.float32)
    return with_near(corpus_of(talks, Rests(VOCABULARY)), vectors)


@pytest.fixture(scope="module")
def varied(corpus: Corpus) -> Varied:
    return Varied(corpus)


def _numbers(labels: Array) -> list[int]:
    return [int("".join(map(str, row))) for row in labels.tolist()]


def _pieces(corpus: Corpus, words: Array) -> list[int]:
    """Return the pieces of words as the student is given them."""
    found: list[int] = []
    for word in words[words > 0].tolist():
        rest, mark = divmod(word, OF_REST)
        found += corpus.parts[rest, : corpus.part_counts[rest]].tolist() + (
            [int(corpus.of_marks[mark])] if mark else []
        )
    return found


def _as_said(corpus: Corpus, number: int) -> Talk:
    return talk_of(corpus, *unchanged(corpus, number))


def test_a_word_is_a_rest_and_the_first_of_the_marks_at_its_end() -> None:
    rests = Rests(VOCABULARY)
    bare, asked = rests.of("abc"), rests.of("Abc?.")
    assert asked == (bare[0], MARKS.index("?"))
    assert bare[1] == 0
    assert rests.of("ab")[0] != bare[0]
    assert rests.of("...") == (MARK_ALONE, MARKS.index("."))
    parts, counts = rests.tables()
    assert [VOCABULARY[piece] for piece in parts[bare[0], : counts[bare[0]]]] == ["a", "##b", "##c"]
    long = rests.of("abcdefghij")[0]
    assert rests.tables()[1][long] == MOST_PIECES


def test_a_corpus_is_read_as_it_was_written(corpus: Corpus, tmp_path: Path) -> None:
    corpus.write(tmp_path / "corpus.npz")
    read = Corpus.read(tmp_path / "corpus.npz")
    assert all((ours == theirs).all() and ours.dtype == theirs.dtype for ours, theirs in zip(corpus, read, strict=True))


def test_like_words_are_those_whose_pieces_mean_the_same() -> None:
    dice = np.random.default_rng(0)
    vectors = np.concatenate([np.zeros((7, 4)), np.repeat([[1, 0, 0, 0], [0, 1, 0, 0]], 5, axis=0), np.zeros((10, 4))])
    talk = Spoken(LABELLED, [[*LETTERS, *LETTERS]], [0], np.zeros((1, TASKS)), np.zeros(3))
    made = with_near(corpus_of([talk], Rests(VOCABULARY)), (vectors + dice.normal(0, 1e-3, vectors.shape)).astype("f4"))
    of = dict(zip(made.rests.tolist(), LETTERS * 2, strict=True))
    near = {of[rest]: {of[n] for n in made.near[rest, : made.near_counts[rest]].tolist()} for rest in of}
    for half in ("abcde", "fghij"):
        assert all(near[letter] == set(half) - {letter} for letter in half)


def test_a_talk_as_it_was_said_is_divided_as_the_analyst_reads_it(corpus: Corpus) -> None:
    said, turns, changes = unchanged(corpus, 1)
    talk = talk_of(corpus, said, turns, changes)
    words = [(said.rests * np.int64(OF_REST) + said.marks)[said.turns == n].tolist() for n in range(len(turns))]
    half = LONGEST_TURN // 2
    cut = [[*own[:half], *own[-half:]] if len(own) > LONGEST_TURN else own for own in words]
    assert max(map(len, words)) > LONGEST_TURN
    read = chunks_of(cut, corpus.sides[turns].tolist())
    assert all((ours == theirs).all() for ours, theirs in zip(talk.chunks, read, strict=True))
    batch = batch_of(corpus, [talk], None)
    firsts = np.unique(batch.spans[:, 0], return_index=True)[1]
    found = [(int(own[0, 3]), int(own[-1, 3]) + 1) for own in np.split(batch.spans, firsts[1:])]
    assert found == windows_of(np.diff(read.edges).tolist())


def test_both_read_the_same_turns(corpus: Corpus, varied: Varied) -> None:
    dice = np.random.default_rng(2)
    talks = [draw(varied, corpus, dice) for _ in range(12)]
    batch = batch_of(corpus, talks, dice)
    sides = np.concatenate([corpus.sides[talk.turns] for talk in talks]).tolist()
    compared = 0
    for window, first, end, turn in batch.spans.tolist():
        other, begin, stop = batch.piece_spans[turn].tolist()
        mark, *pieces = batch.pieces[other, begin:stop].tolist()
        assert mark == -1 - sides[turn]
        assert batch.places[window, first] == sides[turn] * 8
        said = _pieces(corpus, batch.words[window, first:end, 1:-1].ravel())
        if len(said) < six_layers.LONGEST_TURN:
            assert pieces == said
            compared += 1
        else:
            assert pieces[0] == said[0]
            assert pieces[-1] == said[-1]
    assert compared > len(sides)


def _check_windows(batch: Batch[Array], talks: list[Talk]) -> None:
    turns = sum(len(talk.turns) for talk in talks)
    assert sorted(set(batch.spans[:, 3].tolist())) == list(range(turns))
    assert len(batch.piece_spans) == turns
    assert (batch.sizes <= WINDOW).all()
    for window, size in enumerate(batch.sizes.tolist()):
        own = batch.spans[batch.spans[:, 0] == window]
        assert own[0, 1] == 0
        assert own[-1, 2] == size
        assert (own[1:, 1] == own[:-1, 2]).all()
        assert (np.diff(own[:, 3]) == 1).all()
        assert (batch.words[window, size:] == 0).all()
    for window, own in enumerate(batch.pieces):
        filled = int((own != 0).sum())
        assert own[0] == BEGIN
        assert own[filled - 1] == END
        assert batch.piece_spans[batch.piece_spans[:, 0] == window, 2].max(initial=0) < filled


def test_windows_have_every_turn_whole_and_each_once(corpus: Corpus, varied: Varied) -> None:
    dice = np.random.default_rng(3)
    talks = [draw(varied, corpus, dice) for _ in range(12)]
    _check_windows(batch_of(corpus, talks, dice), talks)
    whole = [_as_said(corpus, number) for number in range(10)]
    _check_windows(batch_of(corpus, whole, None), whole)


def test_labels_stay_with_their_turns_where_turns_are_dropped(corpus: Corpus) -> None:
    said, turns, changes = unchanged(corpus, 1)
    kept = ~np.isin(said.turns, (0, 4, 5, len(turns) - 1))
    part = said._replace(rests=said.rests[kept], marks=said.marks[kept], turns=said.turns[kept])
    talk = talk_of(corpus, part, turns, changes)
    assert talk.turns.tolist() == [turn for n, turn in enumerate(turns.tolist()) if n not in (0, 4, 5, len(turns) - 1)]
    batch = batch_of(corpus, [talk], None)
    assert _numbers(batch.labels) == talk.turns[batch.spans[:, 3]].tolist()


def test_turns_that_go_on_as_another_have_no_labels(corpus: Corpus) -> None:
    said, turns, changes = unchanged(corpus, 1)
    crossed = batch_of(corpus, [talk_of(corpus, said, turns, changes._replace(crossed=0.3))], None)
    assert (crossed.labels == -1).all()


def test_only_the_last_window_of_a_talk_has_its_end(corpus: Corpus) -> None:
    batch = batch_of(corpus, [_as_said(corpus, 1), _as_said(corpus, 2)._replace(changes=Changes())], None)
    assert len(batch.ends) > 3
    known = np.nonzero((batch.ends >= 0).any(axis=1))[0]
    last = int(batch.spans[batch.spans[:, 3] == len(_as_said(corpus, 1).turns) - 1, 0].max())
    assert known.tolist() == [last]
    assert batch.ends[last].tolist() == [1, 0, LABELLED]
    assert batch.of_ends[last] == batch.of_ends[-1] == batch.of_ends.max() > batch.of_ends[0]


def test_the_tail_is_what_the_teacher_reads_at_once(corpus: Corpus) -> None:
    talk = _as_said(corpus, 1)
    batch = batch_of(corpus, [talk], None)
    for (window, _, _, turn), is_tail in zip(batch.spans.tolist(), batch.is_tail.tolist(), strict=True):
        end = int(batch.spans[batch.spans[:, 0] == window, 3].max()) + 1
        size = int(talk.piece_edges[end] - talk.piece_edges[turn])
        assert is_tail == (size <= six_layers.WINDOW - 2 or turn == end - 1)


def test_the_same_seed_gives_the_same_talks(corpus: Corpus) -> None:
    first, again, other = (batches(corpus, 3, seed) for seed in (5, 5, 6))
    for _ in range(3):
        one, two, three = next(first), next(again), next(other)
        assert all(ours.shape == theirs.shape and (ours == theirs).all() for ours, theirs in zip(one, two, strict=True))
        assert one.words.shape != three.words.shape or (one.words != three.words).any()


def test_chosen_are_conversations_and_runs_of_turns(corpus: Corpus, varied: Varied) -> None:
    dice, ones, spliced = np.random.default_rng(4), 0, 0
    for _ in range(200):
        turns, changes = varied.choose(dice)
        if changes.replaced is None:
            spliced += 1
            assert len(turns) >= TALK
            assert changes.ended == -1
            continue
        ones += 1
        assert len(turns) <= PART[1]
        assert (np.diff(turns) == 1).all()
        if changes.ended >= 0:
            assert turns[-1] == corpus.edges[changes.ended + 1] - 1
    assert 0.15 < ones / (ones + spliced) < 0.45


def test_nothing_but_marks_changes_where_nothing_is_asked_for(corpus: Corpus, varied: Varied) -> None:
    said, turns, _ = unchanged(corpus, 1)
    plain = 0
    for seed in range(40):
        found = varied.said(turns, Changes(), np.random.default_rng(seed))
        assert (found.rests == said.rests).all()
        assert (found.turns == said.turns).all()
        plain += not found.marks.any()
        assert not found.marks.any() or (found.marks == said.marks).all()
    assert 0 < plain < 15


def test_replaced_words_are_like_those_that_were_said(corpus: Corpus, varied: Varied) -> None:
    said, turns, _ = unchanged(corpus, 1)
    before = corpus.rests.copy()
    found = varied.said(turns, Changes(replaced=0.5), np.random.default_rng(0))
    other = np.nonzero(found.rests != said.rests)[0]
    assert 0.2 < len(other) / len(said.rests) < 0.6
    for place in other.tolist():
        rest = said.rests[place]
        assert found.rests[place] in corpus.near[rest, : corpus.near_counts[rest]]
    assert (corpus.rests == before).all()


def test_dropped_and_wrong_words_are_as_many_as_asked_for(corpus: Corpus, varied: Varied) -> None:
    said, turns, _ = unchanged(corpus, 1)
    dropped = varied.said(turns, Changes(dropped=0.3), np.random.default_rng(0))
    assert 0.6 < len(dropped.rests) / len(said.rests) < 0.8
    noisy = varied.said(turns, Changes(noise=0.1), np.random.default_rng(0))
    assert 0.93 < len(noisy.rests) / len(said.rests) < 0.99


def test_a_crossed_turn_goes_on_as_one_of_the_same_side(corpus: Corpus, varied: Varied) -> None:
    said, turns, _ = unchanged(corpus, 1)
    found = varied.said(turns, Changes(crossed=1.0), np.random.default_rng(1))
    starts = np.cumsum([0, *corpus.turn_sizes.tolist()])
    texts = {
        side: [tuple(corpus.rests[starts[n] : starts[n + 1]].tolist()) for n in np.nonzero(corpus.sides == side)[0]]
        for side in (0, 1)
    }
    crossed = 0
    for place, turn in enumerate(turns.tolist()):
        own, before = found.rests[found.turns == place].tolist(), said.rests[said.turns == place].tolist()
        assert own[0] == before[0]
        if own != before:
            crossed += 1
            ends = [own[n:] for n in range(1, len(own))]
            known = texts[int(corpus.sides[turn])]
            assert any(tuple(end) == text[-len(end) :] for end in ends for text in known)
    assert crossed > len(turns) / 2
