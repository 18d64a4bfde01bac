"""Load modules and models of computing processes before they are needed."""

from __future__ import annotations

from dayline.detection import detect
from dayline.diarization import tasks as diarize
from dayline.domain.analysis import AnalysisTask
from dayline.domain.serialization import pack_transcript
from dayline.domain.transcript import REP_LABEL, Transcript, Utterance
from dayline.scoring.rubric import RubricAnalyst
from dayline.workflows.computing import DetectorInput, find_in_child, score_in_child

_LINES, _LINE_SECONDS = 26, 4.0


def warm_up() -> str:
    """Run the detector on an empty day, which loads its modules. Returns the encoder module's name."""
    detect(Transcript((), duration_seconds=1.0))
    return diarize.__name__


def warm_up_analyses() -> None:
    """Find and score a made conversation, which loads the models of detector and rubric. Costs little once they are."""
    talk = Transcript(
        tuple(
            Utterance(
                n * _LINE_SECONDS,
                (n + 1) * _LINE_SECONDS,
                "It costs 200 dollars." if n % 2 else "Too much.",
                REP_LABEL if n % 2 else "SPEAKER_01",
            )
            for n in range(_LINES)
        ),
        duration_seconds=_LINES * _LINE_SECONDS,
    )
    find_in_child(DetectorInput(pack_transcript(talk), None, None, [], None, None))
    score_in_child(talk, AnalysisTask(rep_label=REP_LABEL), None, RubricAnalyst().info)
