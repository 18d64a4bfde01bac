from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from dayline.diarization.ge2e import Ge2eEmbedder
from dayline.diarization.voice_windows import VoiceWindows, embed_clips
from dayline.domain.clip import Clip

SAMPLE_DAY = Path(__file__).parents[2] / "examples/sample-day"


@dataclass
class SampleDay:
    clips: list[Clip]
    voices: list[str]
    """Who speaks in each clip."""
    windows: VoiceWindows


@pytest.fixture(scope="session")
def embedder() -> Ge2eEmbedder:
    return Ge2eEmbedder()


@pytest.fixture(scope="session")
def sample_day(embedder: Ge2eEmbedder) -> SampleDay:
    """The turns of the sample day, cut out where its script says they are, and heard by the real encoder."""
    with av.open(str(SAMPLE_DAY / "day.opus")) as container:
        resampler = av.AudioResampler("s16", "mono", 16_000)
        sound = np.concatenate(
            [f.to_ndarray().reshape(-1) for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        ).astype(np.int16, copy=False)
    turns = json.loads((SAMPLE_DAY / "truth.json").read_text())["turns"]
    clips = [
        Clip(sound[int(t["start_seconds"] * 16_000) : int(t["end_seconds"] * 16_000)], t["start_seconds"])
        for t in turns
    ]
    return SampleDay(clips, [t["voice"] for t in turns], embed_clips(embedder, clips))
