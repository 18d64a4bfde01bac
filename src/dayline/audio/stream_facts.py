"""Facts about a recording from the decoder, and the error for media that cannot be decoded."""

from __future__ import annotations

from dataclasses import dataclass, field

from dayline.domain.errors import InvalidRecording


@dataclass(slots=True)
class StreamFacts:
    """Facts about a recording from the decoder.

    Attributes:
        channels: channels of the first sound track.
        bad_packets: packets that did not decode and were left out.
        gaps_seconds: silence that the time stamps asked for inside the recording.
        starts_at_seconds: silence before the first sound, by the container's clock.
        clock_jumps: leaps of the clock that were joined without a pause.
        bytes_passed: bytes read so far.
        seek_points: (second, byte) places of a file that has no table of times.
        recorded_at: when the recording was made, as the container says; ISO 8601 in UTC.
        warnings: what was left out, guessed or repaired, in sentences.
    """

    container: str = ""
    codec: str = ""
    sample_rate_hz: int = 0
    channels: int = 0
    bad_packets: int = 0
    gaps_seconds: float = 0.0
    starts_at_seconds: float = 0.0
    clock_jumps: int = 0
    bytes_passed: int = 0
    seek_points: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    recorded_at: str | None = None
    warnings: list[str] = field(default_factory=list[str])


def unsupported(message: str) -> InvalidRecording:
    """Return the error for media that cannot be decoded."""
    return InvalidRecording(message, code="unsupported_codec")
