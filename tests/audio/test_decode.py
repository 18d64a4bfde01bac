"""Decoding: every format, the recording's clock, damaged and malicious files."""

from __future__ import annotations

import struct

import av
import numpy as np
import pytest
from av.error import ArgumentError

from dayline.audio.decode import Decoder, reads_in_order
from dayline.audio.ports import IngestLimits
from dayline.domain.errors import InvalidRecording

RATE = 16_000
LIMITS = IngestLimits()
KINDS = ["mp3", "m4a", "front.m4a", "aac", "opus", "webm", "flac", "wav", "surround.wav", "w64", "aiff", "caf", "wma"]


def decode(memory_file, data, *, is_seekable=True, limits=LIMITS):
    decoder = Decoder(memory_file(data), limits, is_seekable=is_seekable)
    blocks = list(decoder.blocks())
    return (np.concatenate(blocks) if blocks else np.zeros(0, np.int16)), decoder.facts


def tone_at(samples, hertz=1000.0):
    """Return where the marker tone begins, in seconds."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(np.float64)
    wave = np.exp(2j * np.pi * hertz * np.arange(160) / RATE)
    share = np.abs(frames @ wave) ** 2 / (np.sum(frames**2, axis=1) * 80 + 1e4 * 80)
    runs = np.convolve(share > 0.8, np.ones(30), "valid")
    return int(np.argmax(runs >= 28)) / 100


@pytest.mark.parametrize("kind", [*KINDS, "amr", "3gp", "mka"])
@pytest.mark.parametrize("is_seekable", [True, False])
def test_every_format_keeps_the_clock(encoded, memory_file, kind, is_seekable):
    samples, facts = decode(memory_file, encoded(kind).read_bytes(), is_seekable=is_seekable)
    assert abs(len(samples) / RATE - 40) < 0.15
    assert abs(tone_at(samples) - 22.0) < 0.1
    assert facts.bad_packets == 0
    assert facts.gaps_seconds < 0.1


def test_reading_order_makes_no_difference(encoded, memory_file):
    for kind in ("mp3", "front.m4a", "opus", "flac", "webm"):
        data = encoded(kind).read_bytes()
        sought, in_order = decode(memory_file, data)[0], decode(memory_file, data, is_seekable=False)[0]
        # The padding of the last mp3 frame is known only where the end can be looked at first.
        assert abs(len(sought) - len(in_order)) < 0.05 * RATE
        np.testing.assert_array_equal(sought[: 39 * RATE], in_order[: 39 * RATE], err_msg=kind)


def test_an_index_at_the_end_is_sought(encoded, memory_file):
    assert not reads_in_order(memory_file(encoded("m4a").read_bytes()))
    assert reads_in_order(memory_file(encoded("front.m4a").read_bytes()))


@pytest.mark.parametrize("kind", ["m4a", "opus", "flac", "mp3", "webm"])
def test_damage_in_the_middle_keeps_the_rest_and_the_clock(encoded, memory_file, kind):
    data = bytearray(encoded(kind).read_bytes())
    start = len(data) // 4
    data[start : start + 4000] = np.random.default_rng(1).integers(0, 256, 4000, np.uint8).tobytes()
    samples, _ = decode(memory_file, bytes(data))
    # mp3 has no clock of its own; a stretch that does not parse is simply not there.
    assert abs(len(samples) / RATE - 40) < (1.5 if kind == "mp3" else 0.3)
    assert abs(tone_at(samples) - 22.0) < (1.5 if kind == "mp3" else 0.1)


def test_dropped_opus_pages_become_silence(encoded, memory_file):
    data = encoded("opus").read_bytes()
    pages = [at for at in range(len(data)) if data[at : at + 4] == b"OggS"]
    first, last = pages[len(pages) // 4], pages[len(pages) // 4 + 3]
    samples, facts = decode(memory_file, data[:first] + data[last:])
    assert facts.gaps_seconds > 1
    assert abs(tone_at(samples) - 22.0) < 0.1


def test_sound_properties_may_change_on_the_way(encode, short_day, tmp_path, memory_file):
    stereo = encode(short_day, tmp_path / "a.mp3", "mp3").read_bytes()
    with av.open(str(tmp_path / "b.mp3"), "w") as out:
        stream = out.add_stream("libmp3lame", rate=22_050, layout="mono")
        frame = av.AudioFrame.from_ndarray(short_day.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        for piece in av.AudioResampler("s16p", "mono", 22_050, frame_size=576).resample(frame):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    samples, _ = decode(memory_file, stereo + (tmp_path / "b.mp3").read_bytes())
    assert abs(len(samples) / RATE - 80) < 0.5
    assert abs(tone_at(samples) - 22.0) < 0.1
    assert abs(tone_at(samples[40 * RATE :]) - 22.0) < 0.3


def test_a_clock_that_starts_again_is_joined(encoded, memory_file):
    data = encoded("opus").read_bytes()
    samples, facts = decode(memory_file, data + data)
    assert abs(len(samples) / RATE - 80) < 0.5
    assert facts.gaps_seconds < 1


def test_a_pause_of_the_recorder_stays_a_pause(tmp_path, memory_file, short_day):
    with av.open(str(tmp_path / "pause.mka"), "w", format="matroska") as out:
        stream = out.add_stream("flac", rate=RATE, layout="mono")
        for at in range(0, len(short_day), 4000):
            frame = av.AudioFrame.from_ndarray(short_day[at : at + 4000].reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, at + (30 * RATE if at >= 20 * RATE else 0)
            for packet in stream.encode(frame):
                out.mux(packet)
        out.mux(stream.encode(None))
    samples, facts = decode(memory_file, (tmp_path / "pause.mka").read_bytes())
    assert abs(facts.gaps_seconds - 30) < 0.1
    assert abs(tone_at(samples) - 52.0) < 0.1
    samples, facts = decode(memory_file, (tmp_path / "pause.mka").read_bytes(), limits=IngestLimits(max_gap_seconds=20))
    assert facts.clock_jumps == 1
    assert abs(tone_at(samples) - 22.0) < 0.1


def wav(rate, channels, data=b"\0" * 64_000, bits=16):
    block = channels * bits // 8
    head = struct.pack("<IHHIIHH", 16, 1, channels & 0xFFFF, rate, (rate * block) & 0xFFFFFFFF, block & 0xFFFF, bits)
    return (
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + head + b"data" + struct.pack("<I", len(data)) + data
    )


HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
HOSTILE = {
    "playlist": HLS,
    "playlist behind a tag": b"ID3\x04\x00\x00\x00\x00\x00\x00" + HLS,
    "concat": b"ffconcat version 1.0\nfile '/etc/hostname'\n",
    "concat protocol": b"concat:/etc/hostname|/etc/passwd",
    "subtitle": b"[Script Info]\nTitle: x\n[Events]\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5000 RTP/AVP 0\n",
    "web page": b"<!doctype html><html><body>Log in</body></html>",
    "text": b"This is not a recording.\n" * 500,
    "empty": b"",
    "zeros": bytes(100_000),
    "one hertz": wav(1, 1),
    "four gigahertz": wav(4_000_000_000, 1),
    "no hertz": wav(0, 1),
    "no channel": wav(16_000, 0),
    "every channel": wav(16_000, 65_535),
    "nine channels": wav(16_000, 9),
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "an archive": b"PK\x03\x04" + bytes(1000),
}


def refusal(memory_file, data, *, is_seekable):
    """Return the error, also when something opens that holds no sound; that case is for the child to refuse."""
    try:
        samples, _ = decode(memory_file, data, is_seekable=is_seekable)
    except InvalidRecording as error:
        return error
    assert not len(samples)
    return None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_media_is_refused_in_words(memory_file, name):
    for is_seekable in (True, False):
        error = refusal(memory_file, HOSTILE[name], is_seekable=is_seekable)
        assert error is None or (error.code == "unsupported_codec" and "etc" not in error.message)


def test_option_names_are_the_right_ones(memory_file):
    """FFmpeg accepts misspelt options without a word, so see that a playlist is known and then refused."""
    file = memory_file(HLS)
    file.name = "day.m3u8"
    with pytest.raises(InvalidRecording) as caught:
        list(Decoder(file, LIMITS, is_seekable=True).blocks())
    assert isinstance(caught.value.__cause__, ArgumentError)
    picture = memory_file(HOSTILE["an image"])
    with pytest.raises(InvalidRecording):
        list(Decoder(picture, LIMITS, is_seekable=True).blocks())


def test_a_cut_m4a_says_that_its_index_is_missing(encoded, memory_file):
    data = encoded("m4a").read_bytes()
    with pytest.raises(InvalidRecording, match="index is missing"):
        decode(memory_file, data[: int(len(data) * 0.7)])


@pytest.mark.parametrize("kind", ["mp3", "opus", "flac", "wav", "webm", "front.m4a"])
def test_other_cut_files_give_what_they_hold(encoded, memory_file, kind):
    data = encoded(kind).read_bytes()
    samples, _ = decode(memory_file, data[: int(len(data) * 0.7)])
    assert 20 < len(samples) / RATE < 38


def test_a_bomb_is_stopped_by_what_it_decodes_to(tmp_path, memory_file, encode):
    bomb = encode(np.zeros(120 * RATE, np.int16), tmp_path / "bomb.flac", "flac").read_bytes()
    decoder, seen = Decoder(memory_file(bomb), IngestLimits(max_seconds=30), is_seekable=True), []
    with pytest.raises(InvalidRecording) as caught:
        seen.extend(decoder.blocks())
    assert caught.value.code == "recording_too_long"
    assert sum(map(len, seen)) / RATE <= 30


def test_a_video_gives_its_sound(tmp_path, memory_file, short_day):
    with av.open(str(tmp_path / "clip.mp4"), "w") as out:
        picture = out.add_stream("mpeg4", rate=5, width=64, height=64, pix_fmt="yuv420p")
        sound = out.add_stream("aac", rate=RATE, layout="mono")
        for _ in range(20):
            out.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        for at in range(0, len(short_day), 1024):
            frame = av.AudioFrame.from_ndarray(short_day[at : at + 1024].reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, at
            out.mux(sound.encode(frame))
        out.mux([*sound.encode(None), *picture.encode(None)])
    samples, _ = decode(memory_file, (tmp_path / "clip.mp4").read_bytes())
    assert abs(tone_at(samples) - 22.0) < 0.1
