"""Playback serves the right bytes, of the file that was processed, from public addresses only."""

from __future__ import annotations

import io
import ipaddress
import ssl

import av
import numpy as np
import pytest

from dayline.audio.seek_table import pack
from dayline.db.tables import session as session_table
from dayline.security.ssrf import guarded_client
from dayline.sessions import documents_repository as documents
from dayline.sessions.playback import Playback

SESSIONS = "/v1/all-day-sessions"
RATE = 16_000


def beeps(codec, container, seconds=30, rate=RATE):
    """Return a recording with a beep of 0.1 s at the start of every fifth second."""
    at = np.arange(rate * seconds) / rate
    sound = np.where(at % 5 < 0.1, np.sin(2 * np.pi * 1000 * at) * 20_000, 0).astype(np.int16)
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate)
        stream.layout = "mono"
        fifo = av.AudioFifo()
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format.name, "mono", rate)
        for part in resampler.resample(frame):
            fifo.write(part)
        while (part := fifo.read(stream.codec_context.frame_size or 1024, partial=True)) is not None:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def first_beep_seconds(webm):
    resampler = av.AudioResampler("s16", "mono", 48_000)
    with av.open(io.BytesIO(webm), "r") as file:
        parts = [p.to_ndarray().reshape(-1) for f in file.decode(audio=0) for p in resampler.resample(f)]
    loud = np.abs(np.concatenate(parts).astype(int)) > 5_000
    return int(np.argmax(loud)) / 48_000, len(loud) / 48_000


@pytest.fixture
def player(app_with, recordings, tmp_path):
    """A server that may reach this machine's own recording server, and no other private address."""
    context = ssl.create_default_context(cafile=str(recordings.ca_file))
    client = guarded_client(
        allow_networks=[ipaddress.ip_network("127.0.0.1")],
        verify=context,
        timeout_seconds=15,
        connect_timeout_seconds=2,
    )
    from dayline.db.blobs import Blobs

    blobs = Blobs(str(tmp_path / "objects"))
    networks = (ipaddress.ip_network("127.0.0.1"),)
    yield app_with(blobs=blobs, playback=Playback(blobs, client), allow_networks=networks)
    client.close()


def day_with(app, caller, body=None, *, url=None, file_key=None, container="wav", codec="pcm_s16le", **audio):
    session_id = app.finished_day(caller, (0.0, 20.0), duration_seconds=30.0)
    if file_key is not None:
        app.services.blobs.put(file_key, body)
    values = {
        "recording_url": url,
        "file_key": file_key,
        "usage": {"recording": {"container": container, "codec": codec}},
        "audio": {"size_bytes": None if body is None else len(body), "etag": '"one"' if url else None, **audio},
    }
    with app.database.write() as tx:
        tx.run(session_table.update().where(session_table.c.id == session_id).values(**values))
    return f"{SESSIONS}/{session_id}"


@pytest.mark.parametrize("kind", ["upload", "address"])
def test_ranges_are_the_bytes_of_the_file(player, recordings, kind):
    caller = player.caller()
    body = beeps("pcm_s16le", "wav")
    recordings.files["day.wav"] = body
    where = {"file_key": "uploads/p/day.wav"} if kind == "upload" else {"url": f"{recordings.base_url}/plain/day.wav"}
    day = day_with(player, caller, body, **where)
    answer = caller.get(f"{day}/audio", headers={"Range": "bytes=1000-2999"})
    assert (answer.status, answer.body) == (206, body[1000:3000])
    assert answer.headers["content-range"] == f"bytes 1000-2999/{len(body)}"
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    whole = caller.get(f"{day}/audio")
    assert (whole.status, whole.body) == (200, body)
    assert caller.get(f"{day}/audio", headers={"Range": "bytes=-5"}).body == body[-5:]
    past = caller.get(f"{day}/audio", headers={"Range": f"bytes={len(body)}-"})
    assert (past.status, past.headers["content-range"]) == (416, f"bytes */{len(body)}")
    assert caller.get(f"{day}/audio", headers={"Range": "bytes=0-1,4-5"}).code == "invalid_request"
    assert player.caller().get(f"{day}/audio").code == "session_not_found"


def test_an_answer_has_eight_mebibytes_at_most(player):
    caller = player.caller()
    body = bytes(range(256)) * (40 * 1024)
    day = day_with(player, caller, body, file_key="uploads/p/large.wav")
    for wanted, size in (("bytes=0-10000000", 8 * 1024 * 1024), ("bytes=0-", 2 * 1024 * 1024)):
        answer = caller.get(f"{day}/audio", headers={"Range": wanted})
        assert (answer.status, len(answer.body)) == (206, size)
        assert answer.headers["content-range"] == f"bytes 0-{size - 1}/{len(body)}"
    assert caller.get(f"{day}/audio").code == "invalid_request"


def test_a_recording_that_is_gone_and_comes_back(player, recordings):
    caller = player.caller()
    body = recordings.files["gone.wav"] = beeps("pcm_s16le", "wav")
    day = day_with(player, caller, body, url=f"{recordings.base_url}/plain/gone.wav")
    del recordings.files["gone.wav"]
    gone = caller.get(f"{day}/audio", headers={"Range": "bytes=0-9"})
    assert (gone.status, gone.code) == (409, "recording_gone")
    audio = caller.get(day).json["audio"]
    assert (audio["playable"], audio["reason"]) == (False, "recording_gone")
    recordings.files["gone.wav"] = body
    assert caller.get(f"{day}/audio", headers={"Range": "bytes=0-9"}).status == 206
    assert caller.get(day).json["audio"]["playable"] is True


def test_another_file_at_the_address_is_not_played(player, recordings):
    caller = player.caller()
    body = recordings.files["swap.wav"] = beeps("pcm_s16le", "wav")
    url = f"{recordings.base_url}/plain/swap.wav"
    other_size = day_with(player, caller, body, url=url)
    other_tag = day_with(player, caller, body, url=url, etag='"two"')
    recordings.files["swap.wav"] = body + b"more"
    for day in (other_size, other_tag):
        answer = caller.get(f"{day}/audio", headers={"Range": "bytes=0-9"})
        assert (answer.status, answer.code) == (409, "recording_changed")
    clip = caller.get(f"{other_size}/audio/clip?start=1&end=2")
    assert (clip.status, clip.code) == (409, "recording_changed")


@pytest.mark.parametrize(
    ("path", "reason"), [("redirect/day.wav", None), ("whole/page.wav", "no_ranges")], ids=["redirect", "no ranges"]
)
def test_addresses_that_are_not_followed(player, recordings, path, reason):
    caller = player.caller()
    recordings.files["page.wav"] = b"<html><script>alert(1)</script>" * 100
    day = day_with(player, caller, url=f"{recordings.base_url}/{path}")
    answer = caller.get(f"{day}/audio", headers={"Range": "bytes=0-9"})
    assert (answer.status, answer.code) == (409, "recording_gone")
    assert answer.json["error"]["details"].get("reason") == reason
    assert "10.0.0.1" not in answer.body.decode()


@pytest.mark.parametrize("url", ["https://10.0.0.1/day.wav", "https://[::1]/day.wav", "https://169.254.169.254/latest"])
def test_private_addresses_are_not_called(player, url):
    caller = player.caller()
    answer = caller.get(f"{day_with(player, caller, url=url)}/audio", headers={"Range": "bytes=0-9"})
    assert (answer.status, answer.code) == (409, "recording_gone")


def test_a_page_is_never_served_as_one(player, recordings):
    caller = player.caller()
    page = recordings.files["page.html"] = b"<html><script>alert(1)</script></html>"
    day = day_with(player, caller, page, url=f"{recordings.base_url}/plain/page.html", container="mp3")
    answer = caller.get(f"{day}/audio", headers={"Range": "bytes=0-"})
    assert answer.headers["content-type"] == "audio/mpeg"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_days_without_sound_say_so(player):
    caller = player.caller()
    mock = day_with(player, caller, url="mock://single-call")
    assert caller.get(f"{mock}/audio").json["error"]["details"]["reason"] == "mock"
    assert caller.get(mock).json["audio"]["reason"] == "mock"
    unread = day_with(player, caller, b"x", file_key="uploads/p/u.wav")
    with player.database.write() as tx:
        tx.run(session_table.update().where(session_table.c.id == unread.rsplit("/", 1)[1]).values(is_ingested=False))
    assert caller.get(f"{unread}/audio").json["error"]["details"]["reason"] == "not_read_yet"


@pytest.mark.parametrize(
    ("codec", "container"),
    [
        ("pcm_s16le", "wav"),
        ("libmp3lame", "mp3"),
        ("aac", "mp4"),
        ("aac", "adts"),
        ("flac", "flac"),
        ("libopus", "ogg"),
    ],
)
def test_clips_begin_at_the_second_that_was_asked_for(player, codec, container):
    caller = player.caller()
    rate = 48_000 if codec == "libopus" else RATE
    day = day_with(player, caller, beeps(codec, container, rate=rate), file_key=f"uploads/p/day.{container}")
    answer = caller.get(f"{day}/audio/clip?start=13&end=18")
    assert (answer.status, answer.headers["content-type"]) == (200, "audio/webm")
    beep, length = first_beep_seconds(answer.body)
    # ADTS has no word on the encoder's own lead-in of 1,024 samples and more.
    assert beep == pytest.approx(2.0, abs=0.07 if container == "adts" else 0.02)
    assert length == pytest.approx(5.0, abs=0.03)


def test_clips_have_limits(player):
    caller = player.caller()
    body = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/x.mp3"}
    unread = caller.post(SESSIONS, body).json["id"]
    assert caller.get(f"{SESSIONS}/{unread}/audio/clip?start=1&end=5").code == "invalid_state"
    day = day_with(player, caller, beeps("pcm_s16le", "wav"), file_key="uploads/p/c.wav")
    for query in ("start=0&end=900.1", "start=5&end=5", "start=30&end=31", "start=-1&end=2", "end=2"):
        assert caller.get(f"{day}/audio/clip?{query}").status == 400, query
    to_the_end = caller.get(f"{day}/audio/clip?start=28&end=60")
    assert first_beep_seconds(to_the_end.body)[1] == pytest.approx(2.0, abs=0.03)
    broken = day_with(player, caller, b"not sound at all" * 1000, file_key="uploads/p/broken.wav")
    assert caller.get(f"{broken}/audio/clip?start=1&end=2").code == "unsupported_codec"


def test_a_person_who_opens_a_day_learns_whether_it_can_be_heard(player, recordings, browser_of):
    caller = player.caller()
    body = recordings.files["look.mp3"] = beeps("libmp3lame", "mp3")
    day = day_with(player, caller, body, url=f"{recordings.base_url}/plain/look.mp3", container="mp3", codec="mp3")
    assert caller.get(day).json["audio"]["checked_at"] is None
    coach = browser_of(player, "coach", caller.partner_id)
    seen = coach.get(day).json["audio"]
    assert (seen["playable"], seen["seek"], seen["browser"]) == (True, "exact", "native")
    del recordings.files["look.mp3"]
    assert coach.get(day).json["audio"]["playable"] is True  # looked at less than five minutes ago
    with player.database.write() as tx:
        id = day.rsplit("/", 1)[1]
        audio = {"size_bytes": len(body), "etag": '"one"', "checked_at": "2026-01-01T00:00:00.000000+00:00"}
        tx.run(session_table.update().where(session_table.c.id == id).values(audio=audio))
    assert coach.get(day).json["audio"]["reason"] == "recording_gone"
    assert [line["action"] for line in coach.get(f"{day}/access-log").json["data"]] == ["day_viewed"]


def test_no_more_than_two_listen_to_one_address_at_once(player):
    from dayline.domain.errors import RateLimited

    playback = player.services.playback
    with playback._slot("one"), playback._slot("one"), pytest.raises(RateLimited), playback._slot("one"):
        pass
    with playback._slot("one"):
        pass


def test_playing_can_begin_at_a_place_of_the_seek_table(player):
    caller = player.caller()
    body = beeps("libmp3lame", "mp3")
    day = day_with(player, caller, body, file_key="uploads/p/s.mp3", container="mp3", codec="mp3", has_seek_table=True)
    session_id = day.rsplit("/", 1)[1]
    assert caller.get(f"{day}/audio/seek-table").json == {"session_id": session_id, "points": []}
    with player.database.write() as tx:
        documents.put(tx, session_id, "seek", pack([(0.0, 45), (10.02, 4005)]))
    points = caller.get(f"{day}/audio/seek-table").json["points"]
    assert points == [{"seconds": 0.0, "byte": 45}, {"seconds": 10.02, "byte": 4005}]
    assert caller.get(day).json["audio"]["has_seek_table"] is True
    whole = caller.get(f"{day}/audio?from_byte=4005")
    assert (whole.status, whole.body) == (200, body[4005:])
    part = caller.get(f"{day}/audio?from_byte=4005", headers={"Range": "bytes=10-19"})
    assert (part.status, part.body) == (206, body[4015:4025])
    assert part.headers["content-range"] == f"bytes 10-19/{len(body) - 4005}"
    assert caller.get(f"{day}/audio?from_byte=4005", headers={"Range": f"bytes={len(body) - 4005}-"}).status == 416
    assert caller.get(f"{day}/audio?from_byte=4006").code == "invalid_request"


@pytest.mark.parametrize("sounding", [0, 1])
def test_a_clip_plays_all_sound_tracks_that_were_heard(player, sounding):
    """The first of two tracks may be silent, and each side of a call may have one of its own."""
    caller = player.caller()
    day = day_with(player, caller, two_tracks(sounding), file_key=f"uploads/p/t{sounding}.mp4", container="mov")
    answer = caller.get(f"{day}/audio/clip?start=13&end=18")
    assert answer.status == 200, answer.body
    beep, length = first_beep_seconds(answer.body)
    assert beep == pytest.approx(2.0, abs=0.03)
    assert length == pytest.approx(5.0, abs=0.03)


def two_tracks(sounding):
    """Return an MP4 with two sound tracks, one of which is silent and the other beeps every fifth second."""
    at = np.arange(RATE * 30) / RATE
    sound = np.where(at % 5 < 0.1, np.sin(2 * np.pi * 1000 * at) * 20_000, 0).astype(np.int16)
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        streams = [file.add_stream("aac", rate=RATE, layout="mono") for _ in range(2)]
        for start in range(0, len(sound), 1024):
            for number, stream in enumerate(streams):
                part = sound[start : start + 1024] * (number == sounding)
                frame = av.AudioFrame.from_ndarray(
                    (part.reshape(1, -1) / 32768).astype(np.float32), format="fltp", layout="mono"
                )
                frame.sample_rate, frame.pts = RATE, start
                file.mux(stream.encode(frame))
        for stream in streams:
            file.mux(stream.encode(None))
    return out.getvalue()
