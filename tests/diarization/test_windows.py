from __future__ import annotations

import numpy as np
import pytest

from dayline.diarization.fake import FakeEmbedder
from dayline.diarization.voice_windows import decode_windows, embed_clips, encode_windows, merge
from dayline.domain.clip import Clip


def tone(hz: float, seconds: float) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hz * np.arange(int(seconds * 16_000)) / 16_000)).astype(np.int16)


def test_windows_lie_on_the_clock_and_reach_the_end_of_the_clip():
    w = embed_clips(FakeEmbedder(), [Clip(tone(200, 5.0), 100.0)])
    assert np.allclose(w.start_seconds, [100.0, 100.8, 101.6, 102.4, 103.2, 103.4])
    assert np.allclose(w.end_seconds, [101.6, 102.4, 103.2, 104.0, 104.8, 105.0])
    assert w.vectors.dtype == np.float16


def test_short_clips_are_one_window_and_too_short_ones_none():
    w = embed_clips(FakeEmbedder(), [Clip(tone(200, 0.3), 1.0), Clip(tone(200, 0.9), 2.0)])
    assert w.start_seconds.tolist() == [2.0]
    assert np.allclose(w.end_seconds, [2.9])
    assert len(embed_clips(FakeEmbedder(), [])) == 0


class CountingEmbedder(FakeEmbedder):
    """Counts the windows that it hears."""

    heard = 0

    def embed(self, clips):
        self.heard += len(clips)
        return super().embed(clips)


def test_a_window_between_two_of_one_voice_is_not_heard_and_gets_their_mean():
    embedder = CountingEmbedder()
    w = embed_clips(embedder, [Clip(tone(200, 8.0), 10.0)])
    assert len(w) == 9
    assert embedder.heard == 5
    (voice,) = FakeEmbedder().embed([tone(200, 1.6)])
    assert np.allclose(w.vectors.astype(np.float32), voice, atol=1e-3)


def test_every_window_is_heard_where_the_voice_changes():
    samples = np.concatenate((tone(200, 4.0), tone(400, 4.0)))
    embedder = CountingEmbedder()
    w = embed_clips(embedder, [Clip(samples, 0.0)])
    alone = FakeEmbedder().embed(
        [
            samples[int(a * 16_000 + 0.5) : int(b * 16_000 + 0.5)]
            for a, b in zip(w.start_seconds, w.end_seconds, strict=True)
        ]
    )
    assert embedder.heard == 6
    assert np.allclose(w.vectors.astype(np.float32), alone, atol=1e-3)


def test_merging_orders_by_time():
    late, early = (embed_clips(FakeEmbedder(), [Clip(tone(200, 2), at)]) for at in (50.0, 3.0))
    assert merge([late, early]).start_seconds.tolist() == sorted([*late.start_seconds, *early.start_seconds])
    assert len(merge([])) == 0


def test_windows_of_two_encoders_do_not_mix():
    class Other(FakeEmbedder):
        name = "other"

    parts = [embed_clips(e, [Clip(tone(200, 2), 0.0)]) for e in (FakeEmbedder(), Other())]
    with pytest.raises(ValueError, match="different voice encoders"):
        merge(parts)


def test_bytes_come_back_as_they_went():
    w = embed_clips(FakeEmbedder(), [Clip(tone(300, 7), 43_000.123)])
    back = decode_windows(encode_windows(w))
    assert back.embedder == w.embedder
    assert np.array_equal(back.start_seconds, w.start_seconds)
    assert np.allclose(back.end_seconds, w.end_seconds, atol=1e-6)
    assert np.array_equal(back.vectors, w.vectors)
    assert encode_windows(back) == encode_windows(w)
    empty = decode_windows(encode_windows(merge([])))
    assert len(empty) == 0


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-3], lambda b: b"XXXX" + b[4:], lambda b: b"", lambda b: b[:60] + b"\0" + b[61:]]
)
def test_damaged_bytes_are_noticed(damage):
    data = encode_windows(embed_clips(FakeEmbedder(), [Clip(tone(300, 7), 43.5)]))
    with pytest.raises(ValueError, match="voice windows"):
        decode_windows(damage(data))
