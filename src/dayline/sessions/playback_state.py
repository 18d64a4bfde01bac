"""Whether and how a session's recording can be played, from stored facts."""

from __future__ import annotations

from dayline.domain.stored_json import FileFacts, RecordingFacts
from dayline.sessions.schemas import AudioShown

_NATIVE_CODECS = {
    "mp3": ("mp3",),
    "mov": ("aac", "mp3"),
    "wav": ("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"),
    "flac": ("flac",),
    "ogg": ("opus", "vorbis", "flac"),
    "matroska": ("opus", "vorbis"),
    "aac": ("aac",),
}
"""Formats that current browsers play, by FFmpeg's names of container and codec."""

_MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "mov": "audio/mp4",
    "wav": "audio/wav",
    "w64": "audio/x-w64",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "matroska": "audio/webm",
    "aac": "audio/aac",
    "caf": "audio/x-caf",
    "aiff": "audio/aiff",
    "amr": "audio/amr",
    "asf": "audio/x-ms-wma",
}
_WITHOUT_INDEX = ("mp3", "aac")


def playback_state(
    audio: FileFacts, recording: RecordingFacts, *, recording_url: str | None, is_ingested: bool
) -> AudioShown:
    """Return the `audio` object of a session.

    audio: what was learnt about the file as a file: size_bytes, etag, is_constant_rate, has_seek_table, problem,
        checked_at.
    recording: what the decoder learnt: container, codec.
    """
    container = recording.get("container") or None
    is_mock = (recording_url or "").startswith("mock://")
    reason = "mock" if is_mock else audio.get("problem") if is_ingested else "not_read_yet"
    is_native = recording.get("codec") in _NATIVE_CODECS.get(container or "", ())
    is_exact = container not in _WITHOUT_INDEX or audio.get("is_constant_rate") is True
    return {
        "playable": reason is None,
        "source": "none" if is_mock else "upload" if recording_url is None else "url",
        "reason": reason,
        "container": container,
        "seek": "exact" if is_exact else "approximate",
        "has_seek_table": bool(audio.get("has_seek_table")),
        "browser": "native" if is_native else "clip_only",
        "checked_at": audio.get("checked_at"),
    }


def media_type(container: str | None) -> str:
    """Return the media type that a recording is served with; never one that the other side chose."""
    return _MEDIA_TYPES.get(container or "", "application/octet-stream")
