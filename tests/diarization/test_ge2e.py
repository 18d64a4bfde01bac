from __future__ import annotations

import hashlib

import numpy as np
import pytest

from dayline.diarization.ge2e import MODEL_PATH, Ge2eEmbedder, at_level, log_free_mel
from dayline.diarization.registry import load, names
from dayline.domain.errors import InvalidRequest


def test_the_model_is_the_one_that_the_script_makes():
    digest = hashlib.sha256(MODEL_PATH.read_bytes()).hexdigest()
    assert digest == "53cb869e1d84a8922ce484e1eff591f7f1af5ca6c5327f30ceefe73fdfdc5a34"


def test_one_voice_is_nearer_to_itself_than_to_others(embedder, sample_day):
    clips = {name: [] for name in ("rep", "grace", "martha", "colleague")}
    for clip, who in zip(sample_day.clips, sample_day.voices, strict=True):
        if who in clips and len(clip.samples) > 32_000:
            clips[who].append(clip.samples)
    pairs = {who: embedder.embed(found[:2]) for who, found in clips.items()}
    for who, (one, two) in pairs.items():
        for other, (stranger, _) in pairs.items():
            assert other == who or one @ two > one @ stranger + 0.1


def test_vectors_do_not_depend_on_company_or_level(embedder, sample_day):
    clips = [c.samples[:25_600] for c in sample_day.clips if len(c.samples) >= 25_600][:5]
    together = embedder.embed(clips)
    alone = np.concatenate([embedder.embed([c]) for c in clips])
    # Numbers inside the network are rounded to a scale that all windows of a call share.
    assert np.all((together * alone).sum(axis=1) > 0.998)
    assert np.array_equal(together, embedder.embed(clips))
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    softer = embedder.embed([(c // 8).astype(np.int16) for c in clips])
    assert np.all((together * softer).sum(axis=1) > 0.93)


def test_short_long_and_silent_clips_give_finite_vectors(embedder):
    noise = np.random.default_rng(3).integers(-3000, 3000, 80_000).astype(np.int16)
    vectors = embedder.embed([noise[:6_400], noise[:20_000], noise, np.zeros(16_000, np.int16)])
    assert vectors.shape == (4, 256)
    assert np.all(np.isfinite(vectors))


def test_a_clip_that_is_too_short_is_refused(embedder):
    with pytest.raises(ValueError, match="at least"):
        embedder.embed([np.zeros(6_000, np.int16)])
    assert embedder.embed([]).shape == (0, 256)


def test_a_tone_lands_in_its_mel_band():
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    mel = log_free_mel(tone)
    assert mel.shape == (100, 40)
    assert int(mel[50].argmax()) == 13  # 1 kHz is mel 15 of 45.2; bands peak at 1.10, 2.20, ...


def test_soft_sound_is_raised_and_loud_sound_kept():
    soft = np.full(1600, 33, np.int16)
    assert np.isclose(20 * np.log10(np.sqrt(np.mean(at_level(soft) ** 2))), -30, atol=0.1)
    loud = np.full(1600, 16_384, np.int16)
    assert np.allclose(at_level(loud), 0.5)


def test_the_loader_knows_its_names():
    assert "ge2e" in names()
    assert isinstance(load("auto"), Ge2eEmbedder)
    assert load("fake").name == "fake:tones"
    with pytest.raises(InvalidRequest, match="ge2e"):
        load("nothing")
