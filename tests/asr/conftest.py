from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from dayline.domain.clip import Clip

from .provider import Provider
from .tiny_models import make_ctc, make_tdt, make_whisper

SAMPLE_DAY = Path(__file__).parents[2] / "examples" / "sample-day"


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch):
    """No test may ask the hub for anything."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory) -> Path:
    """A folder with one tiny model of each kind."""
    folder = tmp_path_factory.mktemp("models")
    make_whisper(folder / "whisper-tiny")
    make_ctc(folder / "tiny-ctc")
    make_tdt(folder / "tiny-parakeet-tdt")
    (folder / "notes").mkdir()
    return folder


@pytest.fixture
def provider():
    """A provider on this machine."""
    server = Provider()
    yield server
    server.close()


@pytest.fixture(scope="session")
def noise() -> Callable[..., Clip]:
    """Sound that swings like speech: noise(seconds, start_seconds)."""

    def make(seconds: float, start_seconds: float = 0.0) -> Clip:
        rng = np.random.default_rng(int(seconds * 100))
        size = int(seconds * 16000)
        swing = np.repeat(rng.uniform(0.05, 1.0, size // 1600 + 1), 1600)[:size]
        return Clip((rng.normal(size=size) * 2500 * swing).astype(np.int16), start_seconds)

    return make


@pytest.fixture(scope="session")
def spoken() -> list[tuple[Clip, str]]:
    """Turns of the first customer conversation of the sample day with their texts."""
    truth = json.loads((SAMPLE_DAY / "truth.json").read_text(encoding="utf-8"))
    visit = next(s for s in truth["segments"] if s["kind"] == "customer")
    turns = [t for t in truth["turns"] if t["start_seconds"] >= visit["start_seconds"]]
    turns = [t for t in turns if 3.0 < t["end_seconds"] - t["start_seconds"] < 18.0][:3]
    audio = _decode(SAMPLE_DAY / "day.opus", turns[-1]["end_seconds"] + 1.0)
    found = []
    for turn in turns:
        start = turn["start_seconds"] - 0.2
        samples = audio[int(start * 16000) : int((turn["end_seconds"] + 0.2) * 16000)]
        found.append((Clip(samples, start), turn["text"]))
    return found


def _decode(path: Path, until_seconds: float) -> np.ndarray:
    resampler = av.AudioResampler("s16", "mono", 16000)
    parts: list[np.ndarray] = []
    samples = 0
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            for out in resampler.resample(frame):
                parts.append(out.to_ndarray()[0])
                samples += len(parts[-1])
            if samples > until_seconds * 16000:
                break
    return np.concatenate(parts)
