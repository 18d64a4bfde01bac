"""Work of the steps as pure functions of plain values, for computing processes.

A computing process imports the module of what it runs. So nothing here imports the database or the workflow engine:
they take 0.8 s of processor time to import and 60 MB to hold, in each of these processes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from dayline.audio.waveform import decode_profile
from dayline.detection import Contribution, Detection, OrgMemory, detect_and_learn
from dayline.detection.features import utterance_arrays
from dayline.detection.memory import NOTHING, OWN_CHANCE, contribute
from dayline.domain.analysis import AnalysisTask, AnalystInfo, Assessment
from dayline.domain.json_types import JsonObject
from dayline.domain.reading import Reader, Scope
from dayline.domain.serialization import Packed, PackedTranscript, unpack_transcript, unpack_utterances
from dayline.domain.timeline import DayContext, Hint
from dayline.domain.transcript import Transcript
from dayline.scoring.fact_check import check_against_facts
from dayline.scoring.metrics import measure
from dayline.scoring.quote_verification import verify
from dayline.scoring.report import assemble, transcript_json
from dayline.scoring.rubric import RubricAnalyst
from dayline.workflows.analysis.titles import with_titles

Scored: TypeAlias = tuple[JsonObject, JsonObject]
"""(transcript, analysis) of one conversation as the API shows them."""


@dataclass(frozen=True, slots=True)
class DetectorInput:
    """What the detector gets besides a reader. A plain value, so that a computing process can take it.

    hidden: the same lines with speakers, where the day itself must not show any; None otherwise.
    """

    packed: PackedTranscript
    profile: bytes | None
    business: DayContext | None
    hints: list[Hint]
    memory: OrgMemory | None
    memory_key: str | None
    hidden: Packed | None = None


def find_in_child(given: DetectorInput) -> Detection:
    """Run the detector without a reader. A pure function, so that a computing process can run it."""
    return find(given, None, "off")


def find(given: DetectorInput, reader: Reader | None, scope: Scope) -> Detection:
    """Run the detector and give its conversations titles."""
    transcript = unpack_transcript(given.packed)
    heard = transcript
    if given.hidden is not None:
        heard = replace(transcript, utterances=unpack_utterances(given.hidden))
    found = detect_and_learn(
        heard,
        decode_profile(given.profile) if given.profile else None,
        given.business,
        given.hints,
        memory=given.memory,
        reader=reader,
        scope=scope,
        memory_key=given.memory_key,
        hide_voices=given.hidden is not None,
    )
    return replace(found, day=with_titles(found.day, transcript, given.business))


def count_in_child(
    packed: PackedTranscript, spans: list[tuple[float, float, float | None]], confirmed: bool, key: str
) -> Contribution:
    """Count the stems of a finished session. A pure function, so that a computing process can run it."""
    return contribution_of(unpack_transcript(packed), spans, confirmed=confirmed, key=key)


def contribution_of(
    transcript: Transcript, segments: list[tuple[float, float, float | None]], *, confirmed: bool, key: str
) -> Contribution:
    """Count the stems of a finished session.

    Args:
        transcript: what was said.
        segments: start, end and confidence of its customer conversations; None where a person made them.
        confirmed: whether a person has corrected the session.
        key: key of the hashes.
    """
    is_visit = [confirmed or confidence is None or confidence >= OWN_CHANCE for _, _, confidence in segments]
    visits = [(a, b) for (a, b, _), is_one in zip(segments, is_visit, strict=True) if is_one]
    if not visits and not confirmed:
        return NOTHING
    doubtful = [(a, b) for (a, b, _), is_one in zip(segments, is_visit, strict=True) if not is_one]
    return contribute(utterance_arrays.load(transcript), visits, doubtful, "confirmed" if confirmed else "own", key)


def score_in_child(
    talk: Transcript,
    task: AnalysisTask,
    assessment: Assessment | None,
    analyst: AnalystInfo,
    reason: str | None = None,
) -> Scored:
    """Judge with the rubric unless a model has judged, verify every quote, measure, and assemble the result.

    A pure function, so that a computing process can run it. reason: why a configured model has not judged.
    """
    if assessment is None:
        rubric = RubricAnalyst()
        given, analyst = rubric.analyze(talk, task), rubric.info
        given = replace(given, limits=with_reason(given.limits, reason))
    else:
        given = check_against_facts(assessment, talk, task.rep_label)
    verified = verify(given, talk)
    usage = {
        "input_tokens": given.input_tokens,
        "output_tokens": given.output_tokens,
        "wall_seconds": 0.0,
        "transcriber": talk.engine,
        "is_demo_quality": talk.is_demo_quality,
        "rep_confidence": talk.notes.get("rep_confidence"),
        "language": talk.language,
    }
    # The contract's sentiment fields are served empty: nothing here measures sentiment.
    transcript = {**transcript_json(talk), "overall_sentiment": None, "sentiment_score": None}
    return transcript, assemble(talk, verified, measure(talk, task.rep_label), analyst, usage)


def with_reason(limits: str | None, reason: str | None) -> str | None:
    """Return the limits of the rubric's analysis with the reason why no model judged."""
    return f"Judged by rules, because {reason}. {limits or ''}".strip() if reason else limits
