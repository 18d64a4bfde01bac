"""Voice activity detection, clips and chunks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dayline.audio.chunks import ChunkWriter, read_chunk
from dayline.audio.ports import FRAME_SECONDS, SpeechSettings
from dayline.audio.speech_regions import Region, RegionFinder, SampleBuffer
from dayline.audio.vad import SpeechProbability
from dayline.domain.errors import DaylineError

RATE = 16_000


def regions(probabilities, levels=None, **settings):
    finder = RegionFinder(SpeechSettings(**settings))
    values = np.asarray(probabilities, np.float32)
    found = list(finder.push(values, np.zeros_like(values) if levels is None else np.asarray(levels, np.float32)))
    return found + list(finder.finish())


def frames(seconds):
    return round(seconds / FRAME_SECONDS)


def test_probabilities_do_not_depend_on_block_sizes(talk):
    samples = np.concatenate((talk(6, 3), np.zeros(RATE, np.int16), talk(4, 4)))
    whole = (samples[: len(samples) // 512 * 512].reshape(-1, 512) / 32768).astype(np.float32)
    expected = SpeechProbability().push(whole)
    rng, stream, parts, at = np.random.default_rng(0), SpeechProbability(), [], 0
    while at < len(whole):
        step = int(rng.integers(1, 70))
        parts.append(stream.push(whole[at : at + step]))
        at += step
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    assert np.mean(expected[: frames(6)] > 0.4) > 0.8
    assert np.mean(expected[frames(6.3) : frames(6.9)] > 0.4) < 0.1


@pytest.mark.parametrize("kind", ["silence", "hum", "noise", "tone"])
def test_what_is_no_voice_is_no_speech(kind):
    time_s = np.arange(8 * RATE) / RATE
    sound = {
        "silence": np.zeros(8 * RATE),
        "hum": 0.3 * np.sin(2 * np.pi * 82 * time_s) + 0.1 * np.sin(2 * np.pi * 164 * time_s),
        "noise": 0.1 * np.random.default_rng(0).standard_normal(8 * RATE),
        "tone": 0.3 * np.sin(2 * np.pi * 1000 * time_s),
    }[kind]
    found = SpeechProbability().push(sound.astype(np.float32).reshape(-1, 512))
    assert np.mean(found > 0.38) < 0.02


def test_regions_open_high_close_low_and_are_padded():
    silent, loud, middling = [0.0] * frames(2), [0.9] * frames(1), [0.3] * frames(1)
    (region,) = regions(silent + loud + middling + silent)
    assert region == Region(frames(2) - 5, frames(2) + frames(1) + frames(1) + 5)
    assert regions(silent + middling + silent) == []


def test_short_noises_are_dropped_and_short_pauses_bridged():
    assert regions([0.0] * 50 + [0.9] * 4 + [0.0] * 50) == []
    assert len(regions([0.0] * 50 + [0.9] * 20 + [0.0] * 8 + [0.9] * 20 + [0.0] * 50)) == 1
    assert len(regions([0.0] * 50 + [0.9] * 20 + [0.0] * 20 + [0.9] * 20 + [0.0] * 50)) == 2


def test_long_talk_is_cut_where_it_is_quietest_without_losing_a_sample():
    count = frames(70)
    levels = np.zeros(count)
    levels[[550, 1100, 1650]] = -30
    found = regions(np.full(count, 0.9), levels)
    assert found[0].start == 0
    assert found[-1].end == count
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all((region.end - region.start) * FRAME_SECONDS <= 20 for region in found)
    assert abs(found[0].end - 550) <= 1


def test_regions_never_overlap_and_do_not_depend_on_block_sizes():
    rng = np.random.default_rng(5)
    values = np.clip(np.repeat(rng.random(400), rng.integers(1, 40, 400)) + 0.1 * rng.standard_normal(1), 0, 1)
    expected = regions(values)
    finder, found, at = RegionFinder(SpeechSettings()), [], 0
    while at < len(values):
        step = int(rng.integers(1, 300))
        part = values[at : at + step].astype(np.float32)
        for region in finder.push(part, np.zeros_like(part)):
            found.append(region)
            assert region.end >= finder.oldest_needed - 5
        at += step
    found += finder.finish()
    assert found == expected
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_the_buffer_returns_samples_that_are_still_needed():
    buffer, samples = SampleBuffer(), np.arange(5 * 512, dtype=np.int16)
    buffer.push(samples[: 3 * 512])
    buffer.drop_before(2)
    buffer.push(samples[3 * 512 :])
    np.testing.assert_array_equal(buffer.take(Region(2, 4)), samples[2 * 512 : 4 * 512])


def test_chunks_are_closed_on_silence_and_read_back_exactly(tmp_path, talk):
    writer, chunks = ChunkWriter(tmp_path, 120.0), []
    clips = [(10.0 * i, talk(7.5, i)) for i in range(9)]
    for start, samples in clips:
        chunks.append(writer.close_if_full(start - 2.5, start))
        writer.add(start, samples)
    chunks.append(writer.close())
    chunks = [chunk for chunk in chunks if chunk is not None]
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert all(chunk.speech_seconds >= 30 for chunk in chunks[:-1])
    read = [read_chunk(chunk.path) for chunk in chunks]
    got = [clip for chunk in read for clip in chunk.clips]
    assert [clip.start_seconds for clip in got] == [start for start, _ in clips]
    for clip, (_, samples) in zip(got, clips, strict=True):
        np.testing.assert_array_equal(clip.samples, samples)
    again = read_chunk(chunks[0].path.read_bytes())
    np.testing.assert_array_equal(again.clips[-1].samples, read[0].clips[-1].samples)
    assert not list(tmp_path.glob("*.part"))


def test_a_chunk_waits_for_a_pause_but_not_for_ever(tmp_path):
    writer = ChunkWriter(tmp_path, 120.0)
    writer.add(0.0, np.ones(31 * RATE, np.int16))
    assert writer.close_if_full(31.0, 31.2) is None
    assert writer.close_if_full(31.0, 31.8) is not None
    writer.add(100.0, np.ones(60 * RATE, np.int16))
    assert writer.close_if_full(160.0, 160.0) is not None
    assert writer.close() is None


def test_damaged_chunks_say_so(tmp_path):
    writer = ChunkWriter(tmp_path, 120.0)
    writer.add(0.0, np.ones(RATE, np.int16))
    chunk = writer.close()
    assert chunk is not None
    data = chunk.path.read_bytes()
    for bad in (b"", data[:6], data[:40], data[:-100], b"X" + data[1:], data.replace(b'"clips"', b'"clops"')):
        with pytest.raises(DaylineError) as caught:
            read_chunk(bad)
        assert caught.value.code == "chunk_damaged"


def test_lasting_silence_is_not_computed_and_changes_nothing_around_it(talk):
    """Forty seconds of noise under -63 dBFS between speech: no speech there, the same regions as with it computed."""
    quiet = (np.random.default_rng(2).standard_normal(40 * RATE) * 8).astype(np.int16)
    samples = np.concatenate((talk(6, 3), quiet, talk(5, 4)))
    whole = (samples[: len(samples) // 512 * 512].reshape(-1, 512) / 32768).astype(np.float32)
    model, computed = SpeechProbability(), []
    run = model._run
    model._run = lambda frames, before: (computed.append(len(frames)), run(frames, before))[1]
    found = model.push(whole)
    everything = SpeechProbability()
    everything._silent_for = lambda frames: np.zeros(len(frames), np.int64)
    expected = everything.push(whole)
    assert sum(computed) < len(whole) - frames(30)
    assert not found[frames(15) : frames(45)].any()
    assert regions(found) == regions(expected)
    assert np.abs(found - expected)[found > 0].max() < 0.1
