"""Redaction removes identifiers, written or spoken, and keeps similar text."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from dayline.analyses import service
from dayline.analyses.schemas import AnalysisRequest
from dayline.analyses.view import analysis_view
from dayline.db.tables import chunk
from dayline.domain.redaction import KINDS, redact
from dayline.domain.serialization import pack_utterances, unpack_transcript
from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.orgs.schemas import OrgRequest, PiiPolicy
from dayline.orgs.service import put_org
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import documents_repository as documents
from dayline.workflows.steps import begin, ingest, speakers


def said(text: str) -> Utterance:
    words = tuple(Word(w, float(i), i + 0.5, 0.9, "REP") for i, w in enumerate(text.split()))
    return Utterance(0.0, float(len(words)), text, "REP", 0.9, words)


def after(text: str, *kinds: str) -> str:
    (one,) = redact([said(text)], kinds or KINDS)
    assert " ".join(w.text for w in one.words) == one.text
    (plain,) = redact([Utterance(0.0, 1.0, text, None, None, ())], kinds or KINDS)
    assert plain.text == one.text
    return one.text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("write to jo.rep+x@mail.example.com today", "write to [email] today"),
        ("it is john at example dot com okay", "it is [email] okay"),
        ("that is j o h n dot smith at big-firm dot co dot uk", "that is [email]"),
        ("call me at 555-123-4567, please", "call me at [phone] please"),
        ("call (555) 123 4567 or +49 30 1234567.", "call [phone] or [phone]"),
        ("my number is five five five, one two three oh four double seven", "my number is [phone]"),
        ("the card is 4111 1111 1111 1111 thanks", "the card is [card] thanks"),
        ("pay to DE89 3704 0044 0532 0130 00 then", "pay to [iban] then"),
        ("pay to CZ65 0800 0000 1920 0014 5399 then", "pay to [iban] then"),
        ("ES91 2100 0418 4502 0005 1332 is it and GB82 WEST 1234 5698 7654 32", "[iban] is it and [iban]"),
        ("social is 123-45-6789", "social is [ssn]"),
        ("social is 123 45 6789 okay", "social is [ssn] okay"),
        ("call 0049 (0)30 901820 today", "call [phone] today"),
        ("the office is 030/901820", "the office is [phone]"),
        ("it is 555\u20130186 or 555 \u20130186", "it is [phone] or [phone]"),
        ("my phone number is 212 -5500186", "my phone number is [phone]"),
        ("five five five, that's right, oh one eight six", "[phone]"),
        ("pay to de89 3704 0044 0532 0130 00 then", "pay to [iban] then"),
    ],
)
def test_identifiers_go(text: str, left: str) -> None:
    assert after(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "we looked at the roof and it is fine",
        "it costs 1,250,000 dollars or $12.50 each, 99.95 with tax",
        "on 10-12-2024 and 2024-11-22 at 10:30",
        "one two three four five six",
        "built in 2019 2020 2021 and 2022",
        "that is 450 and 1200 for both",
        "it comes to 1 500 000 dollars",
        "one or two, okay, and then three",
        "we met at noon. I was at home",
        "version DE12 of the plan",
    ],
)
def test_other_things_stay(text: str) -> None:
    assert after(text) == text


def test_only_what_is_asked_for_goes() -> None:
    text = "mail a@b.com or call 555 123 4567 now"
    assert after(text, "email") == "mail [email] or call 555 123 4567 now"
    assert after(text, "phone", "prospect_name") == "mail a@b.com or call [phone] now"
    assert redact([said(text)], []) == (said(text),)
    assert after("pay to DE89 3704 0044 0532 0130 00 then", "iban") == "pay to [iban] then"
    assert after("the part is 212 345 678 here", "ssn") == "the part is 212 345 678 here", "another form"
    assert after("the card is 4111 1111 1111 1112", "card") == "the card is 4111 1111 1111 1112"


def test_what_goes_leaves_its_time() -> None:
    (one,) = redact([said("call 555 123 4567 now")], ["phone"])
    assert [(w.text, w.start_seconds, w.end_seconds) for w in one.words] == [
        ("call", 0.0, 0.5), ("[phone]", 1.0, 3.5), ("now", 4.0, 4.5),
    ]  # fmt: skip


def at(start: float, text: str, speaker: str = "REP") -> Utterance:
    words = tuple(Word(w, start + i * 0.4, start + i * 0.4 + 0.4, 0.9, speaker) for i, w in enumerate(text.split()))
    return Utterance(start, words[-1].end_seconds, text, speaker, 0.9, words)


def test_a_number_that_a_short_answer_divides_goes_as_a_whole() -> None:
    lines = [at(0, "my number is five five five"), at(3, "okay", "CUSTOMER"), at(4, "oh one eight six thanks")]
    assert [u.text for u in redact(lines, KINDS)] == ["my number is [phone]", "okay", "thanks"]


def test_a_whole_number_before_a_pause_goes_whatever_follows() -> None:
    lines = [at(0, "it is 555 1234"), at(3, "2 doors please")]
    assert [u.text for u in redact(lines, KINDS)] == ["it is [phone]", "2 doors please"]


def test_two_amounts_over_a_pause_stay() -> None:
    lines = [at(0, "the door is 450"), at(3, "1200 for the window")]
    assert [u.text for u in redact(lines, KINDS)] == [u.text for u in lines]


def test_a_voice_is_followed_from_line_to_line() -> None:
    lines = [at(n * 4, "we went over the roof") for n in range(5)]
    lines += [at(20, "my number is five five five"), at(24, "oh one eight six")]
    assert [u.text for u in redact(lines, KINDS)][-2:] == ["my number is [phone]", ""]


def test_check_digits_decide() -> None:
    assert after("it is 5500 0055 5555 5559", "card") == "it is [card]"
    assert after("it is 5500 0055 5555 5554", "card") == "it is 5500 0055 5555 5554"
    assert after("pay to DE88 3704 0044 0532 0130 00 then", "iban") == "pay to DE88 3704 0044 0532 0130 00 then"


def test_a_long_pause_ends_a_number() -> None:
    lines = [at(0, "it is five five five"), at(60, "oh one eight six")]
    assert [u.text for u in redact(lines, KINDS)] == [u.text for u in lines]


def test_text_that_is_written_in_another_way_than_its_words_is_redacted_too() -> None:
    words = (Word("five", 0.0, 0.2), Word("things", 0.2, 0.6))
    (one,) = redact([Utterance(0.0, 1.0, "call 555-123-4567", None, None, words)], KINDS)
    assert one.text == "call [phone]"


@pytest.mark.parametrize("text", ["a" * 200_000, "a " * 50_000, "a.b at " * 20_000, "1 " * 50_000, "AB12 " * 30_000])
def test_no_text_holds_it_up(text: str) -> None:
    assert len(redact([Utterance(0.0, 1.0, text, None, None, ())], KINDS)) == 1


@pytest.fixture
def careful(environment: Any) -> Any:
    """An org that wants telephone numbers taken out."""
    policy = PiiPolicy(redact_fields=["phone"])
    with environment.database.write() as tx:
        put_org(tx, OrgRequest(org_id="o", pii_policy=policy), partner_id=environment.partner_id)
    return environment


def test_a_day_is_written_down_without_them(careful: Any) -> None:
    id = careful.submit("mock://single-call")
    begin.begin(careful.parts, id, 1)
    ingest.ingest(careful.parts, id, 1)
    heard = pack_utterances([said("call me at 555 123 4567 or a@b.com")])
    with careful.database.write() as tx:
        tx.run(sa.update(chunk).where(chunk.c.session_id == id).values(utterances=heard))
    speakers.name_the_speakers(careful.parts, id, 1)
    with careful.database.read() as tx:
        transcript = documents.get_json(tx, id, "transcript")
        assert unpack_transcript(transcript).text == "call me at [phone] or a@b.com"
        assert "555" not in str(transcript)
        assert chunks.words(tx, id) == []


def test_so_is_a_transcript_that_was_handed_in(careful: Any) -> None:
    line = "good morning this is jo from north star roofing call me at 555 123 4567 any time you want"
    talk = Transcript((said(line),), duration_seconds=60.0)
    careful.change(fetch_transcript=lambda _url: talk)
    request = AnalysisRequest(org_id="o", rep_id="r", transcript_url="https://example.com/t.json")
    with careful.database.write() as tx:
        made = service.submit(tx, careful.jobs, request, partner_id=careful.partner_id, environment="production")
    careful.run_to_end(made["id"])
    with careful.database.read() as tx:
        shown = analysis_view(tx, made["id"])
    assert shown["status"] == "completed", shown["error"]
    assert shown["transcript"] is not None
    assert "[phone]" in shown["transcript"]["text"]
    assert "4567" not in str((shown["transcript"], shown["analysis"]))
