"""Facts that ingest writes into a session for playback."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import av
import numpy as np
import pytest

from dayline.audio.sampled_hash import sampled_hash
from dayline.audio.seek_table import unpack
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.workflows.steps.ingest import ingest

RATE = 16_000
MADE = datetime(2026, 11, 22, 8, tzinfo=UTC)


def recording(codec, container):
    sound = (np.sin(np.arange(RATE * 25) / RATE * 2 * np.pi * 300) * 9000).astype(np.int16)
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        file.metadata["creation_time"] = MADE.isoformat()
        stream = file.add_stream(codec, rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        fifo = av.AudioFifo()
        for part in av.AudioResampler(stream.format.name, "mono", RATE).resample(frame):
            fifo.write(part)
        while (part := fifo.read(stream.codec_context.frame_size or 1024, partial=True)) is not None:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


@pytest.fixture
def ingested(environment, tmp_path):
    def make(name, data, **values):
        (tmp_path / name).write_bytes(data)
        # The environment names recordings by file key; that of an address is empty.
        environment.recordings[""] = tmp_path / name
        session_id = environment.submit(f"https://recordings.example.com/{name}")
        if values:
            with environment.database.write() as tx:
                sessions.set_values(tx, session_id, **values)
        ingest(environment.parts, session_id, 1)
        with environment.database.read() as tx:
            return environment.session(session_id), documents.get(tx, session_id, "seek")

    return make


def test_the_time_of_the_container_stands_where_the_submission_names_none(ingested):
    session, seek = ingested("a.m4a", recording("aac", "mp4"))
    assert (session.recorded_at, session.recorded_at_source) == (MADE, "container")
    assert seek is None
    said = datetime(2026, 3, 1, tzinfo=UTC)
    session, _ = ingested("b.m4a", recording("aac", "mp4"), recorded_at=said, recorded_at_source="request")
    assert (session.recorded_at, session.recorded_at_source) == (said, "request")


def test_an_mp3_gets_a_seek_table_and_every_file_a_hash(ingested):
    data = recording("libmp3lame", "mp3")
    session, seek = ingested("c.mp3", data)
    assert session.audio["has_seek_table"] is True
    assert [round(seconds) for seconds, _ in unpack(seek)] == [0, 10, 20]
    expected = sampled_hash(lambda offset, size: data[offset : offset + size], len(data))
    assert session.audio["sampled_hash"] == expected
