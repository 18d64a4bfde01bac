"""Reading the index of a plain m4a: same samples as FFmpeg, little memory, malformed tables refused."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import av
import numpy as np
import pytest

from dayline.audio import decode
from dayline.audio.mp4.track import sound_track
from dayline.audio.ports import IngestLimits

RATE, TICKS = 16_000, 1024


def atom(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind, *parts, version=0, flags=0):
    return atom(kind, struct.pack(">I", version << 24 | flags), *parts)


def table(kind, rows, fmt):
    return full(kind, struct.pack(">I", len(rows)), *(struct.pack(fmt, *row) for row in rows))


@dataclass
class Mp4Builder:
    """An m4a put together by hand, so that each of its tables can be made to lie."""

    packets: list[bytes]
    settings: bytes
    per_chunk: int = 7
    wide: bool = False
    fragments: bool = False
    edits: list[tuple[int, int]] = field(default_factory=lambda: [(43 * RATE, 1024)])
    runs: list[tuple[int, int]] | None = None
    chunk_rows: list[tuple[int, int, int]] | None = None
    move: dict[int, int] = field(default_factory=dict)
    reference: bytes = struct.pack(">I4sI", 12, b"url ", 1)
    claimed: int | None = None
    object_type: int = 0x40
    tags: bytes = b""

    def build(self):
        head = atom(b"ftyp", b"M4A \0\0\0\0M4A mp42")
        start = len(head) + 8
        offsets, at = [], start
        for low in range(0, len(self.packets), self.per_chunk):
            offsets.append(at)
            at += sum(map(len, self.packets[low : low + self.per_chunk]))
        for chunk, offset in self.move.items():
            offsets[chunk] = offset
        return head + atom(b"mdat", *self.packets) + self._moov(offsets)

    def _chunk_rows(self, count):
        whole, rest = divmod(count, self.per_chunk)
        return [(1, self.per_chunk, 1)] * (whole > 0) + [(whole + 1, rest, 1)] * (rest > 0)

    def _moov(self, offsets):
        count = len(self.packets)
        settings = b"\x05" + bytes([len(self.settings)]) + self.settings
        config = bytes([self.object_type, 0x15]) + bytes(11) + settings
        stream = b"\0\1\0" + b"\x04" + bytes([len(config)]) + config
        esds = full(b"esds", b"\x03" + bytes([len(stream)]) + stream)
        entry = atom(b"mp4a", bytes(7) + b"\1", bytes(8), struct.pack(">HHHHI", 1, 16, 0, 0, RATE << 16), esds)
        sizes = struct.pack(">II", 0, self.claimed or count) + struct.pack(f">{count}I", *map(len, self.packets))
        stbl = atom(
            b"stbl",
            full(b"stsd", struct.pack(">I", 1), entry),
            table(b"stts", self.runs or [(count, TICKS)], ">II"),
            table(b"stsc", self.chunk_rows or self._chunk_rows(count), ">III"),
            full(b"stsz", sizes),
            table(b"co64" if self.wide else b"stco", [(o,) for o in offsets], ">Q" if self.wide else ">I"),
        )
        dinf = atom(b"dinf", full(b"dref", struct.pack(">I", 1), self.reference))
        clock = struct.pack(">IIII", 0, 0, RATE, count * TICKS)
        mdia = atom(
            b"mdia",
            full(b"mdhd", clock, bytes(4)),
            full(b"hdlr", bytes(4), b"soun", bytes(13)),
            atom(b"minf", full(b"smhd", bytes(4)), dinf, stbl),
        )
        elst = table(b"elst", [(*edit, 0x10000) for edit in self.edits], ">IiI")
        header = full(b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, count * TICKS), bytes(60), flags=3)
        trak = atom(b"trak", header, *([atom(b"edts", elst)] if self.edits else []), mdia)
        more = atom(b"mvex", full(b"trex", struct.pack(">IIIII", 1, 1, 0, 0, 0))) if self.fragments else b""
        return atom(b"moov", full(b"mvhd", clock, bytes(80)), trak, more, self.tags)


@pytest.fixture(scope="module")
def plain(tmp_path_factory, short_day, encode):
    """Return a maker of files of one recording."""
    path = tmp_path_factory.mktemp("mp4") / "day.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=RATE, layout="mono")
        for at in range(0, len(short_day), TICKS):
            frame = av.AudioFrame.from_ndarray(short_day[at : at + TICKS].reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with av.open(str(path)) as source:
        extradata = source.streams.audio[0].codec_context.extradata
        assert extradata is not None
        settings = bytes(extradata)
        packets = [bytes(p) for p in source.demux(audio=0) if p.size]
    return lambda **how: Mp4Builder(packets, settings, **how)


def decoded(data, memory_file, monkeypatch, *, by_ffmpeg=False):
    with monkeypatch.context() as patch:
        if by_ffmpeg:
            patch.setattr(decode, "sound_track", lambda file: None)
        decoder = decode.Decoder(memory_file(data), IngestLimits(), is_seekable=True)
        return np.concatenate(list(decoder.blocks())), decoder.facts


@pytest.mark.parametrize("kind", ["m4a", "front.m4a"])
def test_files_of_an_encoder_come_out_as_ffmpeg_reads_them(encoded, memory_file, monkeypatch, kind):
    data = encoded(kind).read_bytes()
    assert sound_track(memory_file(data)) is not None
    ours, facts = decoded(data, memory_file, monkeypatch)
    theirs, their_facts = decoded(data, memory_file, monkeypatch, by_ffmpeg=True)
    assert np.array_equal(ours, theirs)
    assert (facts.container, facts.codec, facts.channels) == ("mov", "aac", 1)
    facts.bytes_passed = their_facts.bytes_passed
    assert facts == their_facts


HOLE = 3 * RATE
SHAPES = {
    "as it is": {},
    "wide offsets": {"wide": True},
    "one packet in each chunk": {"per_chunk": 1},
    "all packets in one chunk": {"per_chunk": 10_000},
    "fewer packets in the last chunk": {"per_chunk": 500},
    "no edit": {"edits": []},
    "an edit that cuts the end": {"edits": [(20 * RATE, 1024)]},
    "a later start": {"edits": [(30 * RATE, 10 * RATE + 300)]},
    "a hole in the clock": {"runs": [(100, TICKS), (1, HOLE), (525, TICKS)], "edits": [(50 * RATE, 1024)]},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_plain_file_comes_out_as_ffmpeg_reads_it(plain, memory_file, monkeypatch, shape):
    data = plain(**SHAPES[shape]).build()
    assert sound_track(memory_file(data)) is not None
    ours, facts = decoded(data, memory_file, monkeypatch)
    theirs, _ = decoded(data, memory_file, monkeypatch, by_ffmpeg=True)
    assert len(ours) == len(theirs)
    # FFmpeg begins to decode shortly before a late start; where noise is made up, its dice fall otherwise.
    assert np.mean(ours != theirs) < (0.01 if shape == "a later start" else 1e-9)
    assert facts.bad_packets == 0


STRANGE = {
    "fragments": {"fragments": True},
    "two edits": {"edits": [(RATE, 1024), (RATE, 5 * RATE)]},
    "an empty edit first": {"edits": [(RATE, -1), (RATE, 1024)]},
    "an edit of no length": {"edits": [(0, 1024)]},
    "another file": {"reference": struct.pack(">I4sI", 12 + 12, b"url ", 0) + b"/etc/passwd\0"},
    "another codec": {"object_type": 0x6B},
    "more sizes than there are": {"claimed": 1 << 30},
    "fewer stamps than packets": {"runs": [(50, TICKS)]},
    "more stamps than packets": {"runs": [(10_000, TICKS)]},
    "a clock that runs away": {"runs": [(626, 1 << 31)]},
    "fewer places than packets": {"per_chunk": 7, "chunk_rows": [(1, 2, 1)]},
    "chunks that go back": {"per_chunk": 7, "chunk_rows": [(1, 7, 1), (9, 7, 1), (4, 7, 1)]},
    "no first chunk": {"per_chunk": 7, "chunk_rows": [(2, 7, 1)]},
    "chunks of nothing": {"per_chunk": 7, "chunk_rows": [(1, 0, 1)]},
    "its start in the tags": {"edits": [], "tags": atom(b"udta", b"----mean com.apple.iTunes name iTunSMPB data")},
}


@pytest.mark.parametrize("strange", STRANGE)
def test_what_is_not_plain_is_left_to_ffmpeg(plain, memory_file, strange):
    assert sound_track(memory_file(plain(**STRANGE[strange]).build())) is None


def test_what_is_no_m4a_is_left_to_ffmpeg(encoded, memory_file):
    for kind in ("mp3", "opus", "wav", "3gp", "caf"):
        assert sound_track(memory_file(encoded(kind).read_bytes())) is None


def test_every_byte_of_the_index_may_be_wrong(plain, memory_file):
    """An index with any byte turned over is read, or left to FFmpeg; it never raises."""
    data = plain(per_chunk=50).build()
    begin = data.rindex(b"moov") - 4
    for at in range(begin, begin + 700):
        for value in (0, 0x7F, 0xFF, data[at] ^ 1):
            track = sound_track(memory_file(data[:at] + bytes([value]) + data[at + 1 :]))
            if track is not None:
                assert sum(1 for _ in track.packets()) <= len(track.sizes)


def test_a_packet_that_lies_nowhere_costs_no_more_than_itself(plain, memory_file, monkeypatch):
    whole, _ = decoded(plain().build(), memory_file, monkeypatch)
    damaged, facts = decoded(plain(move={30: 1 << 31}).build(), memory_file, monkeypatch)
    assert facts.bad_packets == 7
    assert not facts.warnings
    assert abs(len(damaged) - len(whole)) < RATE / 20
    later = slice(20 * RATE, 38 * RATE)
    assert np.array_equal(whole[later], damaged[later])


def test_a_file_that_breaks_off_gives_what_is_there(encoded, memory_file, monkeypatch):
    data = encoded("front.m4a").read_bytes()
    samples, facts = decoded(data[: int(len(data) * 0.7)], memory_file, monkeypatch)
    assert 20 < len(samples) / RATE < 38
    assert "breaks off" in facts.warnings[0]
    assert facts.bad_packets <= 1


def test_a_packet_costs_little_memory(encoded, memory_file):
    track = sound_track(memory_file(encoded("m4a").read_bytes()))
    assert track is not None
    packets = sum(1 for _ in track.packets())
    held = sum(part.nbytes for part in (track.sizes, track.chunk_offsets, track.per_chunk, track.runs))
    assert held <= 2 * packets + 100
